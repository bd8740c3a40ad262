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
