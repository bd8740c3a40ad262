import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `node tests/run.ts [TIER | PATH]... [JEST OPTION]...`: runs the tests and ends with a plain closing line. Without
 * arguments it runs all tiers, in two lanes beside each other: whole programs one after another, since they hold their
 * clients to times, and everything else, which has a lab or a server of its own, on all processors.
 */
const TIERS = ['unit', 'integration', 'e2e'] as const;

interface Lane {
  /** Paths and options for jest. */
  args: string[];
  workers: number;
}

/** Beyond this, and between two files, a process that runs tests is replaced: each file leaves memory behind. */
const WORKER_MEMORY = '600MB';

const JEST = join(import.meta.dirname, '..', 'node_modules', 'jest', 'bin', 'jest.js');

function lanesOf(args: string[]): Lane[] {
  const tiers = TIERS.filter((tier) => args.includes(tier));
  const rest = args.filter((arg) => !TIERS.some((tier) => tier === arg));
  const paths = rest.some((arg) => !arg.startsWith('-'));
  if (paths) return [{ args: rest, workers: 1 }];
  const wanted = tiers.length > 0 ? tiers : TIERS;
  const serial = wanted.filter((tier) => tier === 'e2e');
  const parallel = wanted.filter((tier) => tier !== 'e2e');
  return [
    { tiers: serial, workers: 1 },
    { tiers: parallel, workers: availableParallelism() },
  ].flatMap((lane) =>
    lane.tiers.length > 0
      ? [{ args: [...lane.tiers.map((tier) => `tests/${tier}/`), ...rest], workers: lane.workers }]
      : [],
  );
}

/** Runs a lane; answers how many tests passed and failed. */
async function run({ args, workers }: Lane, results: string): Promise<{ passed: number; failed: number }> {
  // What programs print is compared as text.
  const { FORCE_COLOR: _, ...plain } = process.env;
  const options = [`--workerIdleMemoryLimit=${WORKER_MEMORY}`, '--forceExit', '--json', `--outputFile=${results}`];
  const child = execFile(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', JEST, `--maxWorkers=${workers}`, ...options, ...args],
    { maxBuffer: 1024 ** 3, env: { ...plain, NO_COLOR: '1' } },
  );
  child.stderr?.pipe(process.stderr);
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  const counts = await readFile(results, 'utf8')
    .then((text) => JSON.parse(text))
    .catch(() => ({ numFailedTestSuites: 1 }));
  const { numPassedTests = 0, numFailedTests = 0, numFailedTestSuites = 0 } = counts;
  // A file that could not be run at all has no failed test of its own.
  const failed = code === 0 ? numFailedTests : Math.max(numFailedTests, numFailedTestSuites, 1);
  return { passed: numPassedTests, failed };
}

const folder = await mkdtemp(join(tmpdir(), 'lifeboat-tests-'));
const lanes = lanesOf(process.argv.slice(2));
const counts = await Promise.all(lanes.map((lane, index) => run(lane, join(folder, `${index}.json`))));
await rm(folder, { recursive: true });

const passed = counts.reduce((sum, lane) => sum + lane.passed, 0);
const failed = counts.reduce((sum, lane) => sum + lane.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
