import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** One letter, as in `ps`: `T` stopped, `Z` ended and not yet collected. */
  state: string;
  /** Clock ticks from boot to the start: with the pid it names a process for good. */
  startTime: string;
}

/** Every process of the machine, from /proc. Takes a few milliseconds. */
export function processTable(): Map<number, ProcessEntry> {
  const table = new Map<number, ProcessEntry>();
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? processEntry(Number(name)) : undefined;
    if (entry) table.set(entry.pid, entry);
  }
  return table;
}

/** One process, or undefined when there is none of that pid. */
export function processEntry(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The program's name is in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '?', parent, group, session] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    state,
    startTime: fields[19] ?? '',
  };
}

/** Names a process for good: the kernel gives pids away again, but not with the same start. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startTime: processEntry(process.pid)?.startTime ?? '' };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const entry = processEntry(pid);
  return entry !== undefined && entry.startTime === startTime && entry.state !== 'Z';
}
