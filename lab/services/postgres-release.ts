import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { dataHome } from './postgres-files.ts';

/**
 * A PostgreSQL that was killed leaves a small segment of shared memory, which only it could know of: its pid file says
 * which one. The data may lie outside the lab's folder.
 */
export async function releasePostgres(folder: string): Promise<void> {
  const home = dataHome(folder);
  const pidFile = await readFile(join(home, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  // Its seventh line: key and id of the segment.
  const segment = pidFile.split('\n')[6]?.trim().split(/\s+/)[1];
  if (segment) await execa('ipcrm', ['--shmem-id', segment], { reject: false });
  await rm(home, { recursive: true, force: true });
}
