import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '../../../..');
const HOOK = join(ROOT, 'tests/support/starter/loaded-modules.ts');

/** The packages and the folders of this checkout that a command loads modules of. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const file = join(tmpdir(), `loaded-modules-${randomUUID()}`);
  try {
    await execa(process.execPath, ['--import', HOOK, 'starter/cli/main.ts', ...args], {
      cwd: ROOT,
      env: { LOADED_MODULES: file, TEMPORAL_ADDRESS: '127.0.0.1:9' },
      reject: false,
    });
    const urls = (await readFile(file, 'utf8')).split('\n');
    return [...new Set(urls.flatMap(sourceOf))].sort();
  } finally {
    await rm(file, { force: true });
  }
}

function sourceOf(url: string): string[] {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (name !== undefined) return [name];
  return url.startsWith('file://') ? [url.split(`${ROOT}/`)[1]?.split('/')[0] ?? url] : [];
}

test.each([[['--help']], [['--version']], [['no-such-command']]])(
  '%j loads no more than the list of commands',
  async (args) => {
    expect(await loadedBy(...args)).toEqual(['commander', 'package.json', 'picocolors', 'starter']);
  },
);

test('the status loads what talks to Temporal, and nothing that reads plans, signs or reaches other services', async () => {
  const loaded = await loadedBy('status', 'teei-csr', '--timeout', '200ms');
  expect(loaded).toContain('@temporalio/client');
  for (const other of ['yaml', 'ajv', 'execa', 'pg', 'lab', 'guard', 'workers']) expect(loaded).not.toContain(other);
  expect(loaded.filter((name) => /aws|smithy|kubernetes/.test(name))).toEqual([]);
});

test('a plan is validated without a client of Temporal', async () => {
  const loaded = await loadedBy('plan', 'validate', 'teei-csr', '-e', 'lab');
  expect(loaded.filter((name) => name === '@temporalio/client')).toEqual([]);
});
