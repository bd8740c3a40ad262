import { readdirSync, readFileSync } from 'node:fs';

/** What a test file can leave behind in the process that runs it, or on the machine. */
export interface Snapshot {
  /** Handles that listen, wait for a child or for a signal, by the name that Node gives their kind. */
  handles: Record<string, number>;
  /** Listeners of signals and of errors that nothing caught, by event. Temporal's SDK keeps one of rejections. */
  listeners: Record<string, number>;
  /** Command lines of processes that the file started, by pid. */
  processes: Map<number, string>;
  setTimeout: unknown;
}

type Global = Pick<typeof globalThis, 'process' | 'setTimeout'>;

const HANDLES: Record<string, string> = {
  TCPServerWrap: 'a TCP port',
  PipeServerWrap: 'a socket that listens',
  UDPWRAP: 'a UDP port',
  ProcessWrap: 'a child process',
  SignalWrap: 'a signal handler',
};
const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'uncaughtException'];

/** @param global that of the test file: its `process` is a copy with listeners of its own */
export function snapshot(global: Global): Snapshot {
  return {
    handles: count(process.getActiveResourcesInfo().filter((kind) => kind in HANDLES)),
    listeners: Object.fromEntries(EVENTS.map((event) => [event, listenerCount(global, event)])),
    processes: processesStartedBy(process.env['STARTED_BY'] ?? ''),
    setTimeout: global.setTimeout,
  };
}

function listenerCount(global: Global, event: string): number {
  return process.listenerCount(event) + global.process.listenerCount(event);
}

function count(kinds: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Every living process that has the variable with this value, wherever it hangs in the tree. */
function processesStartedBy(value: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!environment.includes(`STARTED_BY=${value}`)) continue;
      found.set(pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return found;
}

/** What is there now and was not before, in words. */
export function leftovers(before: Snapshot, now: Snapshot): string[] {
  const more = (kind: 'handles' | 'listeners') =>
    Object.entries(now[kind]).filter(([name, number]) => number > (before[kind][name] ?? 0));
  return [
    ...more('handles').map(([name]) => HANDLES[name] ?? name),
    ...more('listeners').map(([name]) => `a listener of ${name}`),
    ...[...now.processes].map(([pid, command]) => `process ${pid} (${command.slice(0, 120)})`),
    ...(now.setTimeout === before.setTimeout ? [] : ['a faked clock']),
  ];
}
