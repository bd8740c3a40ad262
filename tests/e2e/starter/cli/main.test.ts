import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { planRef } from '../../../../plan/recovery-plan.ts';
import { EXIT } from '../../../../starter/exit-codes.ts';
import { incidentId } from '../../../../workflows/incident-messages.ts';
import { TASK_QUEUE } from '../../../../workflows/recovery/messages.ts';
import { type KeyPair, makeKey } from '../../../support/starter/keys.ts';
import { labPlan } from '../../../support/starter/plans.ts';
import { temporalServer, withWorker } from '../../../support/starter/temporal.ts';

const MAIN = join(import.meta.dirname, '../../../../starter/cli/main.ts');

let env: TestWorkflowEnvironment;
let key: KeyPair;
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-cli-'));

beforeAll(async () => {
  key = await makeKey();
  // The worker holds the very plan that the CLI reads.
  process.env['LAB_APPROVER_KEY'] = key.publicKey;
  env = await temporalServer();
}, 60_000);
afterAll(async () => {
  delete process.env['LAB_APPROVER_KEY'];
  await env.teardown();
  rmSync(key.folder, { recursive: true });
  rmSync(folder, { recursive: true });
});

/** Runs the CLI as a process, with nothing of this one's environment that could steer it. */
async function lifeboat(args: string[], more: Record<string, string> = {}) {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TEMPORAL_ADDRESS: env.address,
      LAB_APPROVER_KEY: key.publicKey,
      LIFEBOAT_KEY: key.file,
      ...more,
    },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 30_000,
  });
  return { exitCode, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

const start = () =>
  lifeboat(['start', 'teei-csr', '-e', 'lab', '--reason', 'a drill', '--as', 'sre@lab.test', '--json']);

describe('without Temporal or a worker', () => {
  test('nobody listens: 3, at once', async () => {
    const { exitCode, stderr, stdout } = await lifeboat(['status', 'teei-csr'], { TEMPORAL_ADDRESS: '127.0.5.1:9' });
    expect([exitCode, stdout]).toEqual([EXIT.unreachable, '']);
    expect(stderr).toBe('lifeboat: Temporal at 127.0.5.1:9 cannot be reached; check TEMPORAL_ADDRESS');
  });

  test('somebody listens and says nothing: 3, at the deadline', async () => {
    const silent = createServer((socket) => socket.unref());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.5.1', resolve));
    const address = `127.0.5.1:${(silent.address() as { port: number }).port}`;
    const { exitCode, seconds } = await lifeboat(['status', 'teei-csr', '--timeout', '1s'], {
      TEMPORAL_ADDRESS: address,
    });
    silent.close();
    expect(exitCode).toBe(EXIT.unreachable);
    expect(seconds).toBeLessThan(25);
  });

  test('no such namespace: 3, and its name', async () => {
    const { exitCode, stderr } = await lifeboat(['status', 'teei-csr'], { TEMPORAL_NAMESPACE: 'elsewhere' });
    expect(exitCode).toBe(EXIT.unreachable);
    expect(stderr).toContain('has no namespace "elsewhere"');
  });

  test('nothing has run: 4, and how to start it', async () => {
    const { exitCode, stderr } = await lifeboat(['status', 'teei-csr']);
    expect(exitCode).toBe(EXIT.nothingRunning);
    expect(stderr).toContain('npx lifeboat start teei-csr');
    expect((await lifeboat(['approve', 'teei-csr', '--yes'])).exitCode).toBe(EXIT.nothingRunning);
    expect((await lifeboat(['report', 'teei-csr'])).exitCode).toBe(EXIT.nothingRunning);
  });

  test('a recovery that no worker takes: 3 within the deadline, naming the task queue', async () => {
    const started = await start();
    expect(started.exitCode).toBe(EXIT.done);
    for (const args of [
      ['status', 'teei-csr'],
      ['approve', 'teei-csr', '--yes'],
    ]) {
      const { exitCode, stderr, seconds } = await lifeboat([...args, '--timeout', '3s']);
      expect([exitCode, stderr]).toEqual([EXIT.unreachable, expect.stringContaining(`task queue "${TASK_QUEUE}"`)]);
      expect(stderr).toContain('start one with "npm run worker"');
      expect(seconds).toBeLessThan(25);
    }
    // A worker that takes the work, and is not heard of again.
    const { client } = env;
    const { namespace } = client.options;
    await client.withDeadline(Date.now() + 10_000, () =>
      client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE }, identity: 'stuck' }),
    );
    const { exitCode, stderr } = await lifeboat(['status', 'teei-csr', '--timeout', '3s']);
    expect([exitCode, stderr]).toEqual([
      EXIT.unreachable,
      expect.stringMatching(/last polled \d+ s ago\); it is busy/),
    ]);
    await env.client.workflow.getHandle('recovery/teei-csr').terminate();
  }, 120_000);
});

describe('usage', () => {
  test.each([
    [['status', 'nope'], 'unknown system "nope"; known: teei-csr'],
    [['start', 'teei-csr'], "required option '-e, --environment"],
    [['start', 'teei-csr', '-e', 'lab', '--from', 'mars'], 'two regions of teei-csr: us-east-1, eu-central-1'],
    [['approve', 'teei-csr', '--expires', 'soon'], 'expected a duration'],
    [['approve', 'teei-csr', '--expires', '61m'], 'at most 1h 00m'],
    [['override', 'teei-csr', '--reason', 'x', '--expires', '2h'], 'at most 1h 00m'],
    [['abort', 'teei-csr'], "required option '--reason"],
    [['dance'], "unknown command 'dance'"],
    [[], 'Usage: lifeboat'],
  ])('%j: 2', async (args, message) => {
    const { exitCode, stderr, stdout } = await lifeboat(args);
    expect([exitCode, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain(message);
  });

  test('help and version: 0', async () => {
    expect((await lifeboat(['--help'])).stdout).toContain('Exit codes');
    expect((await lifeboat(['--version'])).exitCode).toBe(EXIT.done);
  });
});

test('a recovery by hand, from start to report', async () => {
  await withWorker(env, async () => {
    const started = await start();
    const { runId } = JSON.parse(started.stdout);
    const { workflow } = env.client;
    const described = await workflow.getHandle('recovery/teei-csr', runId).describe();
    expect([described.type, await described.staticSummary()]).toEqual([
      'regionFailover',
      'region-failover of teei-csr: us-east-1 -> eu-central-1',
    ]);
    expect(described.searchAttributes).toMatchObject({
      LifeboatSystem: ['teei-csr'],
      LifeboatScenario: ['region-failover'],
    });

    const again = await start();
    expect([again.exitCode, JSON.parse(again.stdout).error.message]).toEqual([
      EXIT.refused,
      expect.stringContaining('is running already'),
    ]);

    const screen = await lifeboat(['status', 'teei-csr']);
    expect(screen.stdout).toContain('npx lifeboat approve teei-csr --gate approve');
    expect(screen.stdout).toContain('sre@lab.test may give it');
    const { recovery, incident } = JSON.parse((await lifeboat(['status', 'teei-csr', '--json'])).stdout);
    expect([recovery.runId, recovery.state, incident]).toEqual([runId, 'waiting', null]);

    const asked = await lifeboat(['approve', 'teei-csr']);
    expect([asked.exitCode, asked.stderr]).toEqual([EXIT.usage, expect.stringContaining('--yes')]);
    const early = await lifeboat(['report', 'teei-csr']);
    expect([early.exitCode, early.stderr]).toEqual([EXIT.refused, expect.stringContaining('still running')]);

    const printed = await lifeboat(['approve', 'teei-csr', '--yes', '--print']);
    const envelope = JSON.parse(printed.stdout);
    expect(Object.keys(envelope)).toEqual(['statement', 'signature']);
    expect(JSON.parse(envelope.statement)).toMatchObject({ verb: 'approve', identity: 'sre@lab.test', runId });

    const refused = await lifeboat(['approve', 'teei-csr', '--yes', '--reason', 'wrong', '--json']);
    expect([refused.exitCode, JSON.parse(refused.stdout)]).toEqual([
      EXIT.refused,
      expect.objectContaining({ accepted: false, detail: 'the reason is wrong' }),
    ]);
    const stranger = await makeKey();
    const foreign = await lifeboat(['approve', 'teei-csr', '--yes', '--key', stranger.file]);
    rmSync(stranger.folder, { recursive: true });
    expect([foreign.exitCode, foreign.stderr]).toEqual([EXIT.usage, expect.stringContaining('--as')]);

    const watching = lifeboat(['status', 'teei-csr', '--watch']);
    const accepted = await lifeboat(['approve', 'teei-csr', '--yes']);
    expect([accepted.exitCode, accepted.stdout]).toEqual([
      EXIT.done,
      'accepted: approve by sre@lab.test: region-failover us-east-1 -> eu-central-1',
    ]);
    const watched = await watching;
    expect(watched.exitCode).toBe(EXIT.done);
    expect(watched.stdout).toContain('ended by approve');

    expect((await lifeboat(['status', 'teei-csr'])).stdout).toContain('RECOVERED');
    expect((await lifeboat(['approve', 'teei-csr', '--yes'])).exitCode).toBe(EXIT.refused);
  });

  const alone = await lifeboat(['status', 'teei-csr', '--timeout', '3s']);
  expect([alone.exitCode, alone.stdout]).toEqual([EXIT.done, expect.stringContaining('ended as recovered')]);
  const report = await lifeboat(['report', 'teei-csr', '--json']);
  expect([report.exitCode, JSON.parse(report.stdout).outcome]).toEqual([EXIT.done, 'recovered']);
  const file = join(folder, 'report.html');
  expect((await lifeboat(['report', 'teei-csr', '--format', 'html', '-o', file])).exitCode).toBe(EXIT.done);
  expect(readFileSync(file, 'utf8')).toContain('<html');
}, 120_000);

test('a recovery that was terminated in Temporal is shown as such, and its clock stands', async () => {
  await withWorker(env, async () => {
    const started = await start();
    const { runId } = JSON.parse(started.stdout);
    expect((await lifeboat(['status', 'teei-csr'])).stdout).toContain('WAITING');
    await env.client.workflow.getHandle('recovery/teei-csr', runId).terminate();
    const { exitCode, stdout } = await lifeboat(['status', 'teei-csr']);
    expect(exitCode).toBe(EXIT.done);
    expect(stdout).toMatch(/FAILED {2}TERMINATED in Temporal: nothing was put back and no report was written/);
    expect(stdout).not.toContain('npx lifeboat approve');
  });
}, 60_000);

test('an incident without a recovery is shown too', async () => {
  await withWorker(env, async () => {
    const firing = {
      fingerprint: 'f',
      status: 'firing',
      name: 'RegionUnreachable',
      labels: {},
      summary: '',
      source: 'alertmanager',
    };
    const at = new Date().toISOString();
    const handle = await env.client.workflow.signalWithStart('incident', {
      workflowId: incidentId('teei-csr'),
      taskQueue: TASK_QUEUE,
      args: [{ plan: planRef(await labPlan()) }],
      signal: 'alerts',
      signalArgs: [[{ ...firing, startsAt: at, receivedAt: at }]],
    });
    const { exitCode, stdout } = await lifeboat(['status']);
    expect([exitCode, stdout]).toEqual([EXIT.done, expect.stringContaining('RegionUnreachable')]);
    await handle.terminate();
  });
}, 60_000);
