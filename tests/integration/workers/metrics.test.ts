import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { gatewayMetrics } from '../../../starter/webhooks/metrics.ts';
import { watchOpenRecoveries } from '../../../workers/open-recoveries.ts';
import { workerOptions } from '../../../workers/options.ts';
import { installRuntime } from '../../../workers/runtime.ts';
import { TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { temporalServer } from '../../support/starter/temporal.ts';
import { eventually, shortPlan, startFailover } from '../../support/workers/recoveries.ts';
import { broken, createFakes } from '../../support/workflows/fakes.ts';

const ADDRESS = '127.0.31.1:19464';
const DEPLOY = join(import.meta.dirname, '..', '..', '..', 'deploy');
const log = pino({ level: 'silent' });
const runtime = installRuntime(log, ADDRESS);

const scrape = async () => await (await fetch(`http://${ADDRESS}/metrics`)).text();

/** The value of the first sample of this name whose labels hold all of `labels`. */
function sample(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find((row) => row.split(/[{ ]/)[0] === name && wanted.every((label) => row.includes(label)));
  if (!line) throw new Error(`no sample of ${name} ${wanted}`);
  return Number(line.slice(line.lastIndexOf(' ')));
}

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await temporalServer();
});

afterAll(async () => {
  await env?.teardown();
  await Runtime.instance().shutdown();
});

async function withWorker(act: () => Promise<void>): Promise<void> {
  const { activities } = createFakes({ invalidateCdn: () => Promise.reject(broken('the CDN is gone')) });
  const where = { connection: env.nativeConnection, namespace: 'default' };
  const worker = await Worker.create(await workerOptions({ ...where, taskQueue: TASK_QUEUE, activities }));
  const stopping = new AbortController();
  const watching = watchOpenRecoveries(where, runtime.metricMeter, { log, signal: stopping.signal, everyMs: 100 });
  await worker.runUntil(act().finally(() => stopping.abort()));
  await watching;
}

test('what recoveries tell is scraped, and every metric of dashboards and rules is one of it', async () => {
  await withWorker(async () => {
    const plan = await shortPlan('assess', 'approve');
    const undecided = await startFailover(env, plan);
    expect((await undecided.result()).outcome).toBe('refused');
    const paused = await startFailover(env, await shortPlan('invalidate-cdn'));
    const text = await eventually(async () => {
      const seen = await scrape();
      expect(sample(seen, 'lifeboat_phases_paused', { system: 'teei-csr' })).toBe(1);
      return seen;
    });
    expect(sample(text, 'lifeboat_recoveries_open', { system: 'teei-csr' })).toBe(1);
    expect(sample(text, 'lifeboat_recoveries_total', { outcome: 'refused', scenario: 'region-failover' })).toBe(1);
    expect(sample(text, 'lifeboat_phase_duration_seconds_count', { phase: 'assess', outcome: 'done' })).toBe(1);
    expect(sample(text, 'lifeboat_phase_pauses_total', { phase: 'invalidate-cdn' })).toBe(1);
    expect(sample(text, 'lifeboat_gate_wait_seconds_count', { gate: 'approve', decision: 'undecided' })).toBe(1);
    expect(sample(text, 'lifeboat_objective_used_ratio')).toBeGreaterThan(0);
    await everyNameIsExported(text);
    await paused.terminate();
    await eventually(async () => expect(sample(await scrape(), 'lifeboat_phases_paused')).toBe(0));
  });
});

/** Names in dashboards, rules and documentation, against what worker and gateway say of themselves. */
async function everyNameIsExported(worker: string): Promise<void> {
  const gateway = await gatewayMetrics().registry.metrics();
  const exported = [...`${worker}\n${gateway}`.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? [`${name}`, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [`${name}`],
  );
  const folder = join(DEPLOY, 'grafana', 'dashboards');
  const documented = join(DEPLOY, '..', 'docs', 'production.md');
  const files = [
    documented,
    join(DEPLOY, 'prometheus', 'rules.yml'),
    ...(await readdir(folder)).map((file) => join(folder, file)),
  ];
  for (const file of files) {
    const names = new Set((await readFile(file, 'utf8')).match(/\b(?:lifeboat|temporal)_\w+/g));
    expect(names.size).toBeGreaterThan(3);
    expect([...names].filter((name) => !exported.includes(name))).toEqual([]);
  }
}
