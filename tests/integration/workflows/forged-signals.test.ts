import type { LastRecovery } from '../../../activities/contract.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import { broken, createFakes } from '../../support/workflows/fakes.ts';
import { gateOpen, letPass, type Recovering, stage, statusWhen, withWorkers } from '../../support/workflows/harness.ts';
import {
  alert,
  incidentStatus,
  incidentWhen,
  type OpenIncident,
  planFor,
  raise,
} from '../../support/workflows/incidents.ts';
import { forPeople } from '../../support/workflows/matter.ts';

const { env, plan: teei } = await stage();

const recoveryOf = (system: string) => env.client.workflow.getHandle(recoveryId(system)) as Recovering;
const lookups = ({ calls }: { calls: string[] }) => calls.filter((call) => call === 'lastRecovery').length;

const running: LastRecovery = {
  runId: 'run-1',
  type: 'regionFailover',
  startedAt: '2026-06-10T10:00:00.000Z',
  ended: null,
};

/** As any client of Temporal can send them. */
async function forge(open: OpenIncident, name: 'recovery-started' | 'recovery-ended', times = 1): Promise<void> {
  const here = { from: 'eu-central-1', to: 'us-east-1' };
  const end = { workflowId: 'recovery/any', runId: 'any', outcome: 'recovered', reason: 'forged', serves: here };
  await Promise.all(Array.from({ length: times }, () => open.signal(name, { ...end, scenario: 'failback' })));
}

test('a recovery under way does not end by a signal that anybody can send', async () => {
  const plan = planFor(teei);
  await withWorkers(env, createFakes(), async () => {
    const open = await raise(env, plan, [alert()]);
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    const { runId } = await statusWhen(recoveryOf(plan.system), gateOpen('approve'));
    await open.signal('recovery-ended', {
      ...{ workflowId: recoveryId(plan.system), runId, outcome: 'recovered', reason: 'forged' },
      serves: { from: 'us-east-1', to: 'eu-central-1' },
    });
    await letPass(env, '70s');
    const { summary, recoveries, direction } = await incidentStatus(open);
    expect({ summary, recoveries }).toEqual({ summary: 'region-failover is under way', recoveries: [] });
    expect(direction.from).toBe('us-east-1');
    await recoveryOf(plan.system).terminate();
    await open.terminate();
  });
});

test('signals of recoveries that Temporal does not know change nothing, and cost no more than a lookup now and then', async () => {
  const plan = forPeople(teei);
  const fakes = createFakes();
  await withWorkers(env, fakes, async () => {
    const open = await raise(env, plan, [alert()]);
    await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
    const before = lookups(fakes);
    await forge(open, 'recovery-started', 200);
    await forge(open, 'recovery-ended', 200);
    await letPass(env, '50s');
    const { recovery, recoveries, blockedUntil, verdict, direction } = await incidentStatus(open);
    expect({ recovery, recoveries, blockedUntil }).toEqual({ recovery: null, recoveries: [], blockedUntil: null });
    expect([verdict?.action, direction.from]).toEqual(['ask-human', 'us-east-1']);
    expect(lookups(fakes) - before).toBeLessThanOrEqual(7);
    await open.terminate();
  });
});

test('a recovery that cannot be looked up is not taken for gone; one that Temporal does not find is', async () => {
  const plan = planFor(teei);
  let answer: () => LastRecovery | null = () => running;
  const fakes = createFakes({ lastRecovery: async () => answer() });
  await withWorkers(env, fakes, async () => {
    const open = await raise(env, plan, [alert()]);
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    answer = () => {
      throw broken('Temporal does not answer');
    };
    await letPass(env, '130s');
    expect(await incidentStatus(open)).toMatchObject({ summary: 'region-failover is under way', recoveries: [] });
    answer = () => null;
    await letPass(env, '60s');
    const { recoveries } = await incidentWhen(open, (status) => status.recoveries.length > 0);
    expect(recoveries).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('not there any more') }]);
    await open.terminate();
  });
});

test('one that was terminated with its incident is found by the next incident', async () => {
  const plan = planFor(teei, { blockFor: '1h' });
  await withWorkers(env, createFakes(), async () => {
    const first = await raise(env, plan, [alert()]);
    await incidentWhen(first, ({ summary }) => /under way/.test(summary));
    await statusWhen(recoveryOf(plan.system), gateOpen('approve'));
    await Promise.all([first.terminate(), recoveryOf(plan.system).terminate('a test')]);
    const next = await raise(env, plan, [alert()]);
    const { recoveries } = await incidentWhen(next, ({ verdict }) => verdict?.rule === 'anti-flapping');
    expect(recoveries).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('terminated') }]);
    await next.terminate();
  });
});
