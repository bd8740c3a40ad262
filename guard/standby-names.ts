import { GUARD_AS_STANDBY } from './wal-stream.ts';

const LIST = /^(?:(FIRST|ANY)?\s*(\d+)\s*\((.*)\)|(.*))$/is;
/** Plain, or quoted with quotes doubled. */
const NAME = /"(?:[^"]|"")+"|[^\s,()"]+/g;
const ANY = ['*', '"*"'];

interface StandbyNames {
  needed: number;
  names: string[];
}

function parse(setting: string): StandbyNames {
  const [, , number, bracketed, bare = ''] = LIST.exec(setting.trim()) ?? [];
  const names: string[] = (bracketed ?? bare).match(NAME) ?? [];
  return { names, needed: names.length === 0 ? 0 : Number(number ?? 1) };
}

/** Does every commit wait for all of the names? */
function allNeeded({ needed, names }: StandbyNames): boolean {
  return needed === names.length && !names.some((name) => ANY.includes(name));
}

/**
 * The names that every commit waits for, without the guard's own: none where PostgreSQL may choose among them, or where
 * a name stands there twice, since one receiver cannot be told from the other.
 */
export function requiredNames(setting: string): string[] {
  const list = parse(setting);
  if (!allNeeded(list)) return [];
  const names = list.names.map((name) => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
  const same = (one: string) => names.filter((other) => other.toLowerCase() === one.toLowerCase());
  return names.filter((name) => name !== GUARD_AS_STANDBY && same(name).length === 1);
}

/**
 * `synchronous_standby_names` with the guard ahead of what the operator set. PostgreSQL knows only one list, from which
 * it needs so many: so the guard can be made to count for sure only where all of the list are needed anyway.
 *
 * @throws when the operator's list leaves a choice that could pass over the guard
 */
export function standbyNames(set: string): string {
  const list = parse(set);
  if (!allNeeded(list)) {
    const why = 'commits are confirmed by the guard only together with all of the standbys named';
    throw new Error(`synchronous_standby_names is '${set}': ${why}; name as many as are needed, and not "*"`);
  }
  return `FIRST ${list.needed + 1} (${[GUARD_AS_STANDBY, ...list.names].join(', ')})`;
}
