import type { GuardConfig } from './config.ts';
import { runProgram } from './programs.ts';
import { standbyNames } from './standby-names.ts';

/** Levels of `synchronous_commit` that wait for nobody. */
const WAITS_FOR_NOBODY = ['off', 'local'];

/**
 * What the guard sets of its PostgreSQL beyond where it listens, read from the operator's files and put on the command
 * line: nothing that is in the files, or comes into them with other data, undoes it.
 *
 * @throws when commits could not be made to wait for the guard
 */
export async function settingsOf(config: GuardConfig): Promise<Record<string, string>> {
  if (!config.confirmCommits) return {};
  const level = await read(config, 'synchronous_commit');
  if (WAITS_FOR_NOBODY.includes(level)) {
    throw new Error(`synchronous_commit is ${level}: commits would not wait for the guard to confirm them`);
  }
  return { synchronous_standby_names: standbyNames(await read(config, 'synchronous_standby_names')) };
}

/** As a server that is started now would have it. */
async function read(config: GuardConfig, setting: string): Promise<string> {
  return (await runProgram(config, 'postgres', ['-D', config.dataDirectory, '-C', setting])).trim();
}
