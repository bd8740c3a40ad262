import { GUARD_AS_STANDBY } from './wal-stream.ts';

const LIST = /^(?:(FIRST|ANY)?\s*(\d+)\s*\((.*)\)|(.*))$/is;
/** Plain, or quoted with quotes doubled. */
const NAME = /"(?:[^"]|"")+"|[^\s,()"]+/g;
const ANY = ['*', '"*"'];

/**
 * `synchronous_standby_names` with the guard ahead of what the operator set. PostgreSQL knows only one list, from which
 * it needs so many: so the guard can be made to count for sure only where all of the list are needed anyway.
 *
 * @throws when the operator's list leaves a choice that could pass over the guard
 */
export function standbyNames(set: string): string {
  const [, , number, bracketed, bare = ''] = LIST.exec(set.trim()) ?? [];
  const names: string[] = (bracketed ?? bare).match(NAME) ?? [];
  const needed = names.length === 0 ? 0 : Number(number ?? 1);
  if (needed !== names.length || names.some((name) => ANY.includes(name))) {
    const why = 'commits are confirmed by the guard only together with all of the standbys named';
    throw new Error(`synchronous_standby_names is '${set}': ${why}; name as many as are needed, and not "*"`);
  }
  return `FIRST ${needed + 1} (${[GUARD_AS_STANDBY, ...names].join(', ')})`;
}
