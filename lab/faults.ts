import { damageBackup, mendBackup } from './breaking/backup.ts';
import { damagePage, grant, revoke, sql } from './breaking/database.ts';
import { fillDisk, freeDisk } from './breaking/disk.ts';
import { type Fault, lettersOf } from './breaking/fault.ts';
import { cut, delay, heal } from './breaking/network.ts';
import { freeze, kill, restore, thaw } from './breaking/processes.ts';
import type { Lab } from './lab.ts';
import { servicesOf, UnknownName } from './registry.ts';
import { servingSites } from './shapes/shape.ts';

/** Everything that can be done to a lab on purpose, by verb. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...{ kill, restore, freeze, thaw, cut, delay, heal, sql, revoke, grant },
  ...{ 'damage-page': damagePage, 'damage-backup': damageBackup, 'mend-backup': mendBackup },
  ...{ 'fill-disk': fillDisk, 'free-disk': freeDisk },
};

/**
 * Breaks something, or undoes it, by a verb and its parameters; a site or a service alone is killed. Answers one sentence
 * on what was done.
 */
export async function breakLab(lab: Lab, words: readonly string[]): Promise<string> {
  const [verb = '', ...given] = words.length === 1 && FAULTS[words[0] ?? ''] === undefined ? ['kill', ...words] : words;
  const unknown = () => new UnknownName(`there is no fault "${words.join(' ')}"; known are: ${knownFaults(lab)}`);
  const fault = FAULTS[verb];
  if (fault === undefined) throw unknown();
  refuseWrongCount(verb, fault, given);
  try {
    return await fault.act(lab, ...given);
  } catch (error) {
    throw error instanceof UnknownName ? unknown() : error;
  }
}

function refuseWrongCount(verb: string, { parameters }: Fault, given: readonly string[]): void {
  const needed = parameters.filter((parameter) => !parameter.startsWith('[')).length;
  if (given.length >= needed && given.length <= parameters.length) return;
  throw new UnknownName(`"${verb}" takes ${parameters.join(' ')}; given: ${given.join(' ') || 'nothing'}`);
}

function knownFaults(lab: Lab): string {
  const verbs = Object.entries(FAULTS).map(([verb, { parameters }]) => [verb, ...parameters].join(' '));
  const services = servicesOf(lab.shape).map(({ name }) => name);
  const targets = [...Object.keys(lettersOf(lab)), ...servingSites(lab.shape), ...services.sort()];
  const instances = lab.shape.database.instances.map(({ name }) => name);
  const where = `where <target> is one of: ${targets.join(', ')}; and <instance> one of: ${instances.join(', ')}`;
  return `${verbs.join(', ')}, ${where}`;
}

/** The verbs with what they do and what undoes them, a line each, for people. */
export function faultUsage(): string {
  const rows = Object.entries(FAULTS).map(([verb, { parameters, effect, undo }]) => ({
    typed: [verb, ...parameters].join(' '),
    text: undo === undefined ? effect : `${effect}; undone by ${undo}`,
  }));
  const width = Math.max(...rows.map(({ typed }) => typed.length));
  return rows.map(({ typed, text }) => `  ${typed.padEnd(width)}  ${text}`).join('\n');
}
