import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../codec/data-converter.ts';
import { WORKFLOW_TRACING } from '../telemetry/tracing.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'dist');

/** The module that gives what workflows log the ids of recovery and incident. */
const LOG_IDS = join(ROOT, 'workflows', 'log-ids.ts');

/** All that can end up in a bundle. */
const SOURCES = ['workflows', 'plan', 'codec/failure-converter.cjs', 'package-lock.json'];

/** What a bundle has beyond the workflows themselves. */
export interface Flavour {
  /** Failures are encoded, for the codec to encrypt. */
  encrypted?: boolean;
  traced?: boolean;
}

/**
 * The workflows' bundle, prebuilt by `npm run build` and in container images. A worker that finds none, or one of
 * other sources, builds it first: about five seconds. Encrypted and traced workflows have bundles of their own.
 */
export async function workflowBundle(flavour: Flavour = {}): Promise<WorkflowBundleOption> {
  const { encrypted, traced } = flavour;
  const name = ['workflows', ...(encrypted ? ['encrypted'] : []), ...(traced ? ['traced'] : [])].join('-');
  const code = join(FOLDER, `${name}.js`);
  const digest = await sourceDigest();
  const built = await readFile(join(FOLDER, `${name}.sha256`), 'utf8').catch(() => null);
  if (built !== digest) await build(name, digest, flavour);
  return { codePath: code };
}

/** Written beside and renamed, so that workers that start together never read half a bundle. */
async function build(name: string, digest: string, { encrypted, traced }: Flavour): Promise<void> {
  // Loaded only where a bundle must be built: it takes seconds.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    ...(encrypted && { failureConverterPath: FAILURE_CONVERTER }),
    // Stack traces name files and lines as before; the text of the sources would be held twice by every worker.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
    workflowInterceptorModules: [LOG_IDS, ...(traced ? [WORKFLOW_TRACING] : [])],
  });
  await mkdir(FOLDER, { recursive: true });
  await writeWhole(join(FOLDER, `${name}.js`), code);
  await writeWhole(join(FOLDER, `${name}.sha256`), digest);
}

async function writeWhole(path: string, content: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, path);
}

async function sourceDigest(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesBelow(join(ROOT, source)))
      hash.update(file.slice(ROOT.length)).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
