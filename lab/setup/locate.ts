import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { toolFolder } from './cache.ts';
import type { Tool } from './tool.ts';

/** Path by program, or undefined when the tool is not on the machine: its variable first, then PATH, then the cache. */
export function locate(name: string, tool: Tool): Record<string, string> | undefined {
  const [program] = tool.programs;
  const named = tool.variable ? process.env[tool.variable] : undefined;
  if (named) {
    if (isProgram(named)) return { [program]: named };
    throw new Error(`${tool.variable} names ${named}, which is not a program`);
  }
  const onPath = tool.onPath ? findOnPath(program) : undefined;
  if (onPath) return { [program]: onPath };
  const bin = join(toolFolder(name, tool.version), 'bin');
  const cached = tool.programs.map((each) => [each, join(bin, each)] as const);
  return cached.every(([, path]) => isProgram(path)) ? Object.fromEntries(cached) : undefined;
}

export function findOnPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
