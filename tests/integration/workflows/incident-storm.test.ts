import { eventually } from '../../../lab/eventually.ts';
import { EVENTS_PER_RUN, recoveryId } from '../../../workflows/incident-messages.ts';
import { createFakes } from '../../support/workflows/fakes.ts';
import { approve, gateOpen, type Recovering, stage, statusWhen, withWorkers } from '../../support/workflows/harness.ts';
import { alert, incidentWhen, planFor, raise, say } from '../../support/workflows/incidents.ts';

const { env, plan: teei } = await stage();
const plan = planFor(teei);

/** Distinct alerts as the gateway hands them over in a storm: a batch for each short while. */
const BATCHES = 50;
const PER_BATCH = 200;

const batch = (index: number, status: 'firing' | 'resolved') =>
  Array.from({ length: PER_BATCH }, (_, at) => alert({ fingerprint: `f${index * PER_BATCH + at}`, status }));

test('ten thousand alerts are one incident and one recovery, no history grows long, and a new run hears of its end', async () => {
  const recovering = () => env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering;
  const runs = new Set<string>();
  const fakes = createFakes();
  const status = await withWorkers(env, fakes, async () => {
    const open = await raise(env, plan, [alert()], { eventsPerRun: EVENTS_PER_RUN });
    for (let index = 0; index < BATCHES; index += 1) {
      await raise(env, plan, batch(index, 'firing'));
      // Slower than the incident, as the gateway is.
      await incidentWhen(open, ({ counts }) => counts.firing >= (index + 1) * PER_BATCH);
      runs.add((await open.describe()).runId);
    }
    await statusWhen(recovering(), gateOpen('approve'));
    runs.add((await open.describe()).runId);
    expect(runs.size).toBeGreaterThan(1);
    await approve(env, recovering());
    const report = await recovering().result();
    const after = await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
    expect(after.recoveries).toMatchObject([{ outcome: 'recovered', reason: report.reason }]);
    for (let index = 0; index < BATCHES; index += 1) await raise(env, plan, batch(index, 'resolved'));
    await incidentWhen(open, ({ counts }) => counts.firing === 0);
    await say(env, open, { verb: 'acknowledge' });
    runs.add((await open.describe()).runId);
    return await open.result();
  });
  expect(status).toMatchObject({ counts: { firing: 0, resolved: BATCHES * PER_BATCH } });
  expect(status.recoveries).toHaveLength(1);
  for (const runId of runs) {
    const { events } = await env.client.workflow.getHandle(status.workflowId, runId).fetchHistory();
    expect(events?.length).toBeLessThan(500);
  }
}, 120_000);

test('fat alerts, and signals that are none, leave the next run an input that Temporal takes', async () => {
  const own = planFor(teei);
  const fat = { alertname: 'RegionUnreachable', junk: 'x'.repeat(600_000) };
  const status = await withWorkers(env, createFakes(), async () => {
    const open = await raise(env, own, [alert()], { eventsPerRun: 20 });
    const { runId } = await open.describe();
    for (const odd of [[null], 7, [{ fingerprint: 'odd' }]]) await open.signal('alerts', odd);
    for (let index = 0; index < 5; index += 1) {
      await raise(env, own, [alert({ fingerprint: `fat-${index}`, labels: fat, summary: fat.junk })]);
    }
    await incidentWhen(open, ({ counts, recovery }) => counts.firing === 6 && recovery !== null);
    const next = await eventually({ what: 'another run', withinMs: 20_000 }, async () => {
      const now = await open.describe();
      if (now.runId === runId) throw new Error('it is the first still');
      return now.runId;
    });
    const { events } = await env.client.workflow.getHandle(open.workflowId, next).fetchHistory();
    const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(input?.data?.length).toBeGreaterThan(1_000);
    expect(input?.data?.length).toBeLessThan(64 * 1024);
    const status = await incidentWhen(open, () => true);
    await open.terminate('the test has seen what it wanted');
    await env.client.workflow.getHandle(recoveryId(own.system)).terminate('its incident is gone');
    return status;
  });
  expect(status.counts).toMatchObject({ firing: 6, resolved: 0 });
  expect(status.alerts.map(({ labels }) => labels['alertname'])).toEqual(Array(6).fill('RegionUnreachable'));
}, 60_000);
