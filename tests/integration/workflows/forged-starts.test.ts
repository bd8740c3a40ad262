import { randomUUID } from 'node:crypto';
import type { PlanRef } from '../../../plan/recovery-plan.ts';
import { type IncidentMemory, incidentId, recoveryId } from '../../../workflows/incident-messages.ts';
import { approversQuery, type RecoveryStart } from '../../../workflows/recovery/messages.ts';
import { createFakes, hold, servingRegion, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import { gateOpen, type Recovering, stage, statusWhen, withWorkers } from '../../support/workflows/harness.ts';
import { alert, incidentWhen, planFor, raise } from '../../support/workflows/incidents.ts';

const { env, plan } = await stage();

/** Nothing is wrong with the system. */
const healthySystem = () =>
  createFakes({ observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]) });

/** As any client of Temporal could start it. */
async function forge(change: { plan?: PlanRef; [key: string]: unknown }, workflowId?: string): Promise<Recovering> {
  const start: RecoveryStart = {
    plan: hold(plan),
    scenario: 'region-failover',
    from: 'us-east-1',
    to: 'eu-central-1',
    detectedAt: new Date(await env.currentTimeMs()).toISOString(),
    trigger: 'a forger',
  };
  return (await env.client.workflow.start('regionFailover', {
    workflowId: workflowId ?? recoveryId(change.plan?.system ?? plan.system),
    taskQueue: 'lifeboat',
    args: [{ ...start, ...change }],
  })) as unknown as Recovering;
}

test.each([
  ['a hash that no worker holds', () => ({ plan: { ...hold(plan), hash: 'f'.repeat(64) } }), 'PlanUnknown'],
  ['the name of another system', () => ({ plan: { ...hold(plan), system: 'other' } }), 'PlanUnknown'],
  ['a region that is not of the plan', () => ({ to: 'mars' }), 'WiringInvalid'],
  ['the same region twice', () => ({ to: 'us-east-1' }), 'WiringInvalid'],
])('a start with %s ends before anything is done', async (_, change, type) => {
  const fakes = healthySystem();
  await withWorkers(env, fakes, async () => {
    const recovering = await forge(change());
    await expect(recovering.result()).rejects.toMatchObject({ cause: { type } });
  });
  expect(fakes.calls).toEqual([]);
});

test('a start under another id than the lock of its system ends before anything is done', async () => {
  const fakes = healthySystem();
  await withWorkers(env, fakes, async () => {
    const recovering = await forge({}, 'recovery/another');
    await expect(recovering.result()).rejects.toMatchObject({ cause: { type: 'WiringInvalid' } });
  });
  expect(fakes.calls).toEqual([]);
});

test('a whole plan in a start is only its name: the approvers are those of the plan that the workers hold', async () => {
  await withWorkers(env, createFakes(), async () => {
    const forger = { identity: 'forger@example.com', roles: ['on-call-sre'], keys: [] };
    const recovering = await forge({ plan: { ...hold(plan), approvers: [forger] } as PlanRef });
    await statusWhen(recovering, gateOpen('approve'));
    expect(await recovering.query(approversQuery)).toEqual(plan.approvers);
    await recovering.terminate();
  });
});

test('an order that nobody signed is not believed: a healthy region is not failed over', async () => {
  const fakes = healthySystem();
  await withWorkers(env, fakes, async () => {
    const recovering = await forge({ ordered: 'cto@example.com: do it now', approval: 'not-required', rule: 'any' });
    expect(await recovering.result()).toMatchObject({ outcome: 'refused', approvals: [] });
  });
  expect(fakes.calls).not.toContain('fenceDatabase postgresql');
});

test('messages that no recovery hands over are not sent', async () => {
  const fakes = healthySystem();
  await withWorkers(env, fakes, async () => {
    const notice = { kind: 'finished', roles: ['executives'], subject: 'all is well', text: 'go to sleep' };
    const undelivered = [{ notice, dueAt: null, giveUpAt: new Date().toISOString(), deliveries: [] }];
    const forged = await env.client.workflow.start('lateNotices', {
      workflowId: `late-notices/${plan.system}/${randomUUID()}`,
      taskQueue: 'lifeboat',
      args: [{ plan: hold(plan), undelivered }],
    });
    await expect(forged.result()).rejects.toMatchObject({ cause: { type: 'WiringInvalid' } });
  });
  expect(fakes.calls).toEqual([]);
});

test('a memory that a starter made up is not believed: what it orders is not done', async () => {
  const own = planFor(plan);
  const fakes = healthySystem();
  await withWorkers(env, fakes, async () => {
    const ordered = { scenario: 'region-failover', direction: { from: 'us-east-1', to: 'eu-central-1' }, by: 'cto' };
    const memory = { alerts: {}, shown: [], usedNonces: [], undelivered: [], timeline: [], ordered };
    await env.client.workflow.start('incident', {
      workflowId: incidentId(own.system),
      taskQueue: 'lifeboat',
      args: [{ plan: hold(own), memory: memory as unknown as IncidentMemory }],
    });
    const open = await raise(env, own, [alert()]);
    const status = await incidentWhen(open, ({ verdict }) => verdict !== null);
    expect([status.recovery, status.summary]).toEqual([null, expect.not.stringContaining('under way')]);
    await open.terminate();
  });
  expect(fakes.calls).not.toContain('fenceDatabase postgresql');
});
