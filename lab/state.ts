import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-table.ts';

/** What a lab is, kept in `.lab/<name>/state.json` so that every process can attach to it. */
export interface LabState {
  name: string;
  /** Name of its shape. */
  shape: string;
  slot: number;
  /** By the address's name. */
  hosts: Record<string, string>;
  /** Number by the port's name. */
  ports: Record<string, number>;
  /** Path by program. */
  programs: Record<string, string>;
  wiring: Record<string, string>;
  synchronous: boolean;
  /** Names of the services that were asked for, with all that they need. */
  services: string[];
  /** The process that is starting the lab; null once it is up. */
  starter: ProcessIdentity | null;
}

/** `.lab` of the checkout: one folder per lab. */
export const LABS_FOLDER = join(import.meta.dirname, '..', '.lab');

export function folderOf(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new Error(`"${name}" is not a lab's name: use lower-case letters, digits, -`);
  return join(LABS_FOLDER, name);
}

export async function labNames(): Promise<string[]> {
  return existsSync(LABS_FOLDER) ? await readdir(LABS_FOLDER) : [];
}

/** Undefined when there is no such lab, or when it was left before it had a state. */
export async function readState(folder: string): Promise<LabState | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The state for programs, and its wiring for a shell: `set -a; . .lab/<name>/env`. */
export async function writeState(folder: string, state: LabState): Promise<void> {
  await mkdir(folder, { recursive: true });
  await replace(join(folder, 'state.json'), JSON.stringify(state, null, 2));
  await replace(join(folder, 'env'), shellVariables(state.wiring));
}

/** Whole, so that no reader sees half a file. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, file);
}

function shellVariables(wiring: Record<string, string>): string {
  const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  return Object.entries(wiring)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
}
