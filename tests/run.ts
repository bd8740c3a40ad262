import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Beyond this, and between two files, the process that runs them is replaced. */
const WORKER_MEMORY = '600MB';

/**
 * `npm test`: every test, one file after another (the lab's services and the time-skipping clock are shared), and a
 * plain closing line. Arguments are passed on to jest, which ends even when a failed test left something open.
 * Every file leaves memory behind, and to start a program takes the longer the more there is.
 */
const folder = await mkdtemp(join(tmpdir(), 'lifeboat-tests-'));
const results = join(folder, 'results.json');
const jest = join(import.meta.dirname, '..', 'node_modules', 'jest', 'bin', 'jest.js');

// What programs print is compared as text.
const { FORCE_COLOR: _, ...plain } = process.env;

const child = execFile(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    jest,
    '--maxWorkers=1',
    `--workerIdleMemoryLimit=${WORKER_MEMORY}`,
    '--forceExit',
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  ],
  { maxBuffer: 1024 ** 3, env: { ...plain, NO_COLOR: '1' } },
);
child.stderr?.pipe(process.stderr);
const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));

const {
  numPassedTests = 0,
  numFailedTests = 0,
  numFailedTestSuites = 0,
} = await readFile(results, 'utf8')
  .then((text) => JSON.parse(text))
  .catch(() => ({ numFailedTestSuites: 1 }));
await rm(folder, { recursive: true });
// A file that could not be run at all has no failed test of its own.
const failed = Math.max(numFailedTests, code === 0 ? 0 : numFailedTestSuites, code === 0 ? 0 : 1);
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1;
