import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from './build.ts';
import { cacheFolder, toolFolder } from './cache.ts';
import type { Downloads } from './download.ts';
import { locate } from './locate.ts';
import { withLock } from './lock.ts';
import { MissingPrerequisite, missingBuilders } from './prerequisites.ts';
import type { Tool } from './tool.ts';

/** Tells people what happens; one line each. */
export type Report = (line: string) => void;

/**
 * Downloads a tool or else builds it, beside its place in the cache, and moves it there when it is whole. Two labs that
 * want the same tool wait for each other.
 */
export async function obtain(name: string, tool: Tool, downloads: Downloads, report: Report): Promise<void> {
  const lock = join(cacheFolder(), `${name}-${tool.version}.lock`);
  await withLock(lock, async () => {
    if (locate(name, tool)) return;
    const since = performance.now();
    const how = await make(name, tool, downloads, report);
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    report(`${name} ${tool.version} ${how} in ${seconds} s`);
  });
}

async function make(name: string, tool: Tool, downloads: Downloads, report: Report): Promise<string> {
  const what = `${name} ${tool.version} (${tool.why})`;
  const folder = toolFolder(name, tool.version);
  const draft = join(dirname(folder), `.${name}-${tool.version}.new`);
  await startAfresh(draft);
  if (tool.download) {
    report(`${what}: downloading`);
    const refusal = await downloads.get(tool.download, tool.programs, draft);
    if (refusal === null) {
      await keep(draft, folder);
      return 'downloaded';
    }
    report(`${what}: not downloaded, ${refusal}`);
    await startAfresh(draft);
  }
  report(`${what}: building, about ${tool.buildSeconds} s`);
  await buildWith(tool, draft, folder);
  return 'built';
}

async function buildWith(tool: Tool, draft: string, folder: string): Promise<void> {
  const missing = missingBuilders([tool]);
  if (missing.packages.length + missing.others.length > 0) throw new MissingPrerequisite(missing);
  await build(tool.build, draft, folder);
  await keep(draft, folder);
}

async function startAfresh(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function keep(draft: string, folder: string): Promise<void> {
  if (existsSync(folder)) await rm(folder, { recursive: true });
  await rename(draft, folder);
}
