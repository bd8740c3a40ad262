import { existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { contextOf } from './context.ts';
import { removeMounts } from './mounts.ts';
import { isAlive } from './process-table.ts';
import { servicesOf } from './registry.ts';
import { shapeNamed } from './shapes/index.ts';
import { releaseSlot } from './slots.ts';
import { folderOf, LABS_FOLDER, type LabState, readState } from './state.ts';
import { endAll, recordsIn } from './supervisor.ts';

/**
 * Ends every process of the lab, removes its folder and frees its slot, in whatever state the lab is. Answers false when
 * there was none.
 */
export async function down(name: string): Promise<boolean> {
  const folder = folderOf(name);
  if (!existsSync(folder)) return false;
  const state = await readState(folder);
  if (state) endStarter(state);
  await endAll(recordsIn(folder));
  await removeMounts(folder);
  if (state) await release(state);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  if (state) releaseSlot(state.slot, folder);
  await removeIfEmpty(LABS_FOLDER);
  return true;
}

async function release(state: LabState): Promise<void> {
  const services = servicesOf(shapeNamed(state.shape)).filter(({ name }) => state.services.includes(name));
  await Promise.all(services.map((service) => service.release?.(contextOf(state, service))));
}

/** Another process that is still starting this lab would go on starting what is ended here. */
function endStarter({ starter }: LabState): void {
  if (!starter || starter.pid === process.pid) return;
  if (isAlive(starter)) process.kill(starter.pid, 'SIGKILL');
}

async function removeIfEmpty(folder: string): Promise<void> {
  if ((await readdir(folder)).length === 0) await rmdir(folder).catch(() => {});
}
