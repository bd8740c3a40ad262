import { join } from 'node:path';
import type { Context, Program } from '../service.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** One of the project's own programs, started by this very Node and wired to the lab. */
export function nodeProgram(
  { wiring }: Context,
  name: string,
  entry: string,
  env: Record<string, string> = {},
): Program {
  return { name, command: process.execPath, args: [join(ROOT, entry)], cwd: ROOT, env: { ...wiring, ...env } };
}
