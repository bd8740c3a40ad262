import { readFile } from 'node:fs/promises';
import { type ProcessEntry, processTable } from '../../../lab/process-table.ts';

/** Processes whose command line contains the text: how a test looks for what was left behind. It signals none of them. */
export async function processesWith(text: string): Promise<number[]> {
  const found = await Promise.all(
    [...processTable().values()].map(async ({ pid, state }: ProcessEntry) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return state !== 'Z' && commandLine.includes(text) ? [pid] : [];
    }),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}
