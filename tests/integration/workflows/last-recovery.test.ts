import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { incidentActivities } from '../../../activities/incident/index.ts';
import { lastRecovery } from '../../../activities/incident/last-recovery.ts';
import { eventually } from '../../../lab/eventually.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { incidentId, recoveryId } from '../../../workflows/incident-messages.ts';
import { TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { createFakes, hold } from '../../support/workflows/fakes.ts';
import {
  decide,
  gateOpen,
  type Recovering,
  startRealServer,
  statusWhen,
  teeiPlan,
  withWorkers,
} from '../../support/workflows/harness.ts';
import { alert, incidentWhen, planFor, raise, say } from '../../support/workflows/incidents.ts';

/** On a real server: the test server knows no visibility. */
let env: TestWorkflowEnvironment;
let plan: RecoveryPlan;

beforeAll(async () => {
  env = await startRealServer();
  plan = planFor(await teeiPlan());
}, 60_000);
afterAll(async () => env?.teardown());

const recoveryOf = ({ system } = plan) => env.client.workflow.getHandle(recoveryId(system)) as Recovering;
const ask = () =>
  lastRecovery(env.client, { recoveryId: recoveryId(plan.system), incidentId: incidentId(plan.system) });

test('the last recovery of a system is known while it runs, by its report, and by what people said of it', async () => {
  expect(await ask()).toBeNull();
  await withWorkers(env, createFakes(), async () => {
    const open = await raise(env, plan, [alert()]);
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    const { runId } = await statusWhen(recoveryOf(), gateOpen('approve'));
    expect(await ask()).toMatchObject({ runId, type: 'regionFailover', ended: null });

    await decide(env, recoveryOf(), gateOpen('approve'), { verb: 'reject', target: 'approve' });
    await recoveryOf().result();
    const here = { from: 'us-east-1', to: 'eu-central-1' };
    const ended = { outcome: 'refused', serves: here, at: expect.stringMatching(/Z$/) };
    expect(await ask()).toMatchObject({ runId, ended: { ...ended, acknowledged: false } });

    await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
    await raise(env, plan, [alert({ status: 'resolved' })]);
    await incidentWhen(open, ({ counts }) => counts.firing === 0);
    await say(env, open, { verb: 'acknowledge' });
    await open.result();
    await eventually({ what: 'the closed incident in visibility', withinMs: 20_000 }, async () => {
      expect(await ask()).toMatchObject({ runId, ended: { ...ended, acknowledged: true } });
    });
  });
});

test('one that left no report is told as failed', async () => {
  await env.client.workflow.start('regionFailover', {
    workflowId: recoveryId(plan.system),
    taskQueue: 'nobody-polls-this',
  });
  await recoveryOf().terminate('a test');
  const { ended } = (await ask()) ?? {};
  expect(ended).toMatchObject({ outcome: 'failed', reason: 'it left no report: it is terminated', serves: null });
});

test('a recovery that was started by hand, without an incident, blocks what the next incident would start', async () => {
  const byHand = planFor(plan, { blockFor: '1h' });
  const fakes = createFakes({ lastRecovery: incidentActivities().lastRecovery });
  await withWorkers(env, fakes, async () => {
    const recovering = (await env.client.workflow.start('regionFailover', {
      workflowId: recoveryId(byHand.system),
      taskQueue: TASK_QUEUE,
      args: [
        {
          ...{ plan: hold(byHand), scenario: 'region-failover', from: 'us-east-1', to: 'eu-central-1' },
          ...{ detectedAt: new Date().toISOString(), trigger: 'a test' },
        },
      ],
    })) as unknown as Recovering;
    await decide(env, recovering, gateOpen('approve'), { verb: 'reject', target: 'approve' });
    const { runId } = await recovering.result();

    const open = await raise(env, byHand, [alert()]);
    const blocked = await incidentWhen(open, ({ verdict }) => verdict !== null);
    expect(blocked.verdict).toMatchObject({ action: 'ask-human', rule: 'anti-flapping' });
    expect(blocked.recoveries).toMatchObject([{ id: `${recoveryId(byHand.system)}/${runId}`, outcome: 'refused' }]);
    await raise(env, byHand, [alert({ status: 'resolved' })]);
    await incidentWhen(open, ({ counts }) => counts.firing === 0);
    await say(env, open, { verb: 'acknowledge' });
    await open.result();
  });
});

test('a recovery that is terminated leaves its incident open, which asks its approvers though no alert comes again', async () => {
  const own = planFor(plan, { blockFor: '1h' });
  await withWorkers(env, createFakes(), async () => {
    const open = await raise(env, own, [alert()]);
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    await statusWhen(recoveryOf(own), gateOpen('approve'));
    await recoveryOf(own).terminate('a test');
    const asked = await incidentWhen(open, ({ verdict }) => verdict?.rule === 'anti-flapping');
    expect(asked.recoveries).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('left no report') }]);
    expect(asked).toMatchObject({ counts: { firing: 1 }, asked: { roles: expect.arrayContaining(['on-call-sre']) } });
    await open.terminate();
  });
});

test('an incident that has continued as new since it started a recovery finds its end when it is signalled', async () => {
  const own = planFor(plan, { blockFor: '1h' });
  await withWorkers(env, createFakes(), async () => {
    const open = await raise(env, own, [alert()], { eventsPerRun: 40 });
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    const { runId } = await statusWhen(recoveryOf(own), gateOpen('approve'));
    const first = (await open.describe()).runId;
    await eventually({ what: 'the next run', withinMs: 30_000 }, async () => {
      await raise(env, own, [alert({ fingerprint: randomUUID() })]);
      expect((await open.describe()).runId).not.toBe(first);
    });
    await decide(env, recoveryOf(own), gateOpen('approve'), { verb: 'reject', target: 'approve' });
    const { recoveries } = await incidentWhen(open, (status) => status.recoveries.length > 0);
    expect(recoveries).toMatchObject([{ id: `${recoveryId(own.system)}/${runId}`, outcome: 'refused' }]);
    await open.terminate();
  });
});
