import { spawn } from 'node:child_process';
import {
  closeSync,
  type Dirent,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessEntry, processEntry, processTable } from './process-table.ts';
import type { Program } from './service.ts';

/**
 * Starts programs that outlive the process which started them, and stops them by what was recorded. A record is the pid
 * and the start time of the process, so that a pid that the kernel gave to somebody else since is never signalled.
 */
export interface ProcessRecord {
  /** `<place>/<kind>`. */
  service: string;
  program: string;
  pid: number;
  startTime: string;
  log: string;
  /** See `Program`. */
  graceMs: number;
}

const KILLED_WITHIN_MS = 30_000;
const RECORD_SUFFIX = '.pid.json';

/**
 * Starts the program in a session and process group of its own, its output appended to `<folder>/<program>.log`. The
 * record is written before anything else can run in this process, so that a crash leaves no process unrecorded.
 */
export function startProgram(service: string, program: Program, folder: string): ProcessRecord {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `${program.name}.log`);
  const output = openSync(log, 'a');
  const child = spawn(program.command, program.args, {
    cwd: program.cwd ?? folder,
    env: { ...inherited(), ...program.env },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  // An event without a listener would be thrown; a missing pid says the same, here and now.
  child.on('error', () => {});
  if (child.pid === undefined) throw new Error(`${service}: cannot start ${program.command}`);
  child.unref();
  const startTime = processEntry(child.pid)?.startTime ?? '';
  const record = { service, program: program.name, pid: child.pid, startTime, log, graceMs: program.graceMs ?? 0 };
  const file = join(folder, `${program.name}${RECORD_SUFFIX}`);
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
  return record;
}

/** `STARTED_BY` names who is to blame for a process that is left behind. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ', 'STARTED_BY'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * The records in a folder and in those below it, as deep as `<lab>/<place>/<kind>` goes; data lies deeper, and comes and
 * goes while it is looked at.
 */
export function recordsIn(folder: string, depth = 2): ProcessRecord[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? recordsIn(path, depth - 1) : [];
    return entry.name.endsWith(RECORD_SUFFIX) ? [JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What became of a recorded process. */
export function stateOf(record: ProcessRecord): 'running' | 'stopped' | 'gone' {
  const entry = processEntry(record.pid);
  if (!entry || entry.startTime !== record.startTime || entry.state === 'Z') return 'gone';
  return entry.state === 'T' ? 'stopped' : 'running';
}

/** The recorded processes that live, with their process groups and all that descends from them. */
export function membersOf(records: readonly ProcessRecord[]): ProcessEntry[] {
  const table = processTable();
  const groups = new Set(records.filter((record) => ownsGroup(record, table)).map((record) => record.pid));
  const members = new Map<number, ProcessEntry>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of table.values()) {
      const belongs = groups.has(entry.group) || groups.has(entry.session) || members.has(entry.parent);
      if (!belongs || members.has(entry.pid) || entry.state === 'Z') continue;
      members.set(entry.pid, entry);
      grown = true;
    }
  }
  return [...members.values()];
}

/** The kernel gives no pid away that still names a group; a process of that pid and another start is somebody else. */
function ownsGroup(record: ProcessRecord, table: Map<number, ProcessEntry>): boolean {
  const entry = table.get(record.pid);
  return entry === undefined || entry.startTime === record.startTime;
}

/** Signals the processes, their groups and their descendants, all within milliseconds. Says how many there were. */
export function signalAll(records: readonly ProcessRecord[], signal: NodeJS.Signals): number {
  const members = membersOf(records);
  for (const { pid } of members) kill(pid, signal);
  return members.length;
}

/**
 * Ends them. Those with a grace are asked first; the others hold nothing that must be given back and are killed at once.
 * Returns when none is left; throws, naming them, if some cannot be ended.
 */
export async function endAll(records: readonly ProcessRecord[]): Promise<void> {
  const asked = records.filter(({ graceMs }) => graceMs > 0);
  const seen = new Map<number, ProcessEntry>();
  const left = (some: readonly ProcessRecord[]) => {
    for (const entry of membersOf(some)) seen.set(entry.pid, entry);
    return [...seen.values()].filter(isAlive);
  };
  left(records);
  for (const record of asked) kill(record.pid, 'SIGTERM');
  signalAll(asked, 'SIGCONT');
  signalAll(
    records.filter(({ graceMs }) => graceMs === 0),
    'SIGKILL',
  );
  await goneWithin(() => left(asked), Math.max(0, ...asked.map(({ graceMs }) => graceMs)));
  for (const { pid } of left(records)) kill(pid, 'SIGKILL');
  const stubborn = await goneWithin(() => left(records), KILLED_WITHIN_MS);
  if (stubborn.length > 0)
    throw new Error(`these processes cannot be ended: ${stubborn.map(({ pid }) => pid).join(', ')}`);
}

async function goneWithin(look: () => ProcessEntry[], withinMs: number): Promise<ProcessEntry[]> {
  const deadline = Date.now() + withinMs;
  let left = look();
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(50);
    left = look();
  }
  return left;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
