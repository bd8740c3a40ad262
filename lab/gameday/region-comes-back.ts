import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { breakLab } from '../faults.ts';
import type { Lab } from '../lab.ts';
import { stateOf } from '../supervisor.ts';

const WITHIN_MS = 60_000;

/** A region that was frozen goes on; its guard finds that the lease names the other one, and stops its PostgreSQL. */
export async function comesBackFenced(lab: Lab, region: string): Promise<void> {
  await breakLab(lab, ['thaw', region]);
  await isFenced(lab, region);
}

async function isFenced(lab: Lab, region: string): Promise<void> {
  const file = join(lab.folder, region, 'postgres', 'guard-state.json');
  await eventually({ what: `${region} to be fenced`, withinMs: WITHIN_MS }, async () => {
    const { state } = JSON.parse(await readFile(file, 'utf8')) as { state: string };
    if (state !== 'fenced') throw new Error(`its guard says "${state}"`);
  });
}

/** Of a region that was frozen, PostgreSQL alone goes on, and nobody watches over it. */
export function databaseWakesAlone(lab: Lab, region: string): void {
  const guards = new Set(lab.records(`${region}/postgres`).map(({ pid }) => pid));
  for (const { pid } of lab.processes(`${region}/postgres`)) {
    if (!guards.has(pid)) process.kill(pid, 'SIGCONT');
  }
}

/** The process that plays all nodes of a region's cluster: while it is frozen, no pod gets ready. */
export function signalNodes(lab: Lab, region: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const kwok = lab.records(`${region}/kubernetes`).find(({ program }) => program === 'kwok');
  if (kwok === undefined || stateOf(kwok) === 'gone') throw new Error(`the cluster of ${region} has no kwok`);
  process.kill(kwok.pid, signal);
}
