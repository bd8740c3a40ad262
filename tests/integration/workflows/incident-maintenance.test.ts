import type { Activities } from '../../../activities/contract.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import {
  createFakes,
  failedOver,
  promotion,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import { approve, decide, gateOpen, type Recovering, stage, withWorkers } from '../../support/workflows/harness.ts';
import { alert, incidentWhen, type OpenIncident, planFor, raise, say } from '../../support/workflows/incidents.ts';

const { env, plan: teei } = await stage();

const DAY_MS = 24 * 3_600_000;
const due = (change = {}) => alert({ name: 'MaintenanceDue', labels: { alertname: 'MaintenanceDue' }, ...change });
const recoveryOf = (plan: RecoveryPlan) => env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering;

/** A plan whose environment announces work on the region that serves. */
async function planWithMaintenance(): Promise<RecoveryPlan> {
  const now = await env.currentTimeMs();
  const at = (ms: number) => new Date(now + ms).toISOString();
  const window = { region: 'us-east-1', from: at(-DAY_MS), until: at(DAY_MS), reason: 'new switches' };
  return planFor({ ...teei, decisions: { ...teei.decisions, maintenance: [window] } });
}

/** Both regions are well; once the standby is promoted, clients are led there. */
function moving(): Pick<Activities, 'observe' | 'promoteDatabase'> {
  let moved = false;
  return {
    observe: async ({ vantage }) =>
      moved
        ? { ...vantageFacts(vantage, failedOver), servingRegions: ['eu-central-1'] }
        : vantageFacts(vantage, [servingRegion, standbyRegion]),
    promoteDatabase: async () => {
      moved = true;
      return promotion;
    },
  };
}

async function closes(plan: RecoveryPlan, open: OpenIncident) {
  await raise(env, plan, [due({ status: 'resolved' }), due({ status: 'resolved', fingerprint: 'f1' })]);
  const { decisions } = await incidentWhen(open, ({ counts }) => counts.firing === 0);
  if (decisions.some(({ verb }) => verb === 'acknowledge')) await say(env, open, { verb: 'acknowledge' });
  return await open.result();
}

describe('maintenance that is announced', () => {
  test('starts a switchover, and an alert that comes again starts no other', async () => {
    const plan = await planWithMaintenance();
    const fakes = createFakes(moving());
    const closed = await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [due()]);
      const { verdict } = await incidentWhen(open, ({ recovery }) => recovery !== null);
      expect(verdict).toMatchObject({ action: 'switchover', rule: 'planned-maintenance' });
      expect(verdict?.reason).toMatch(/new switches/);
      await approve(env, recoveryOf(plan));
      expect(await recoveryOf(plan).result()).toMatchObject({ scenario: 'switchover', outcome: 'recovered' });
      await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);

      await raise(env, plan, [due({ fingerprint: 'f1' })]);
      const after = await incidentWhen(open, (status) => status.verdict?.rule === 'nothing-amiss');
      expect(after.verdict?.reason).toMatch(/^eu-central-1 serves/);
      expect(after.direction).toEqual({ from: 'eu-central-1', to: 'us-east-1' });
      return await closes(plan, open);
    });
    expect(closed.recoveries).toHaveLength(1);
    expect(fakes.calls.filter((call) => call === 'promoteDatabase database')).toHaveLength(1);
  });

  test('is asked for once: after a rejection it starts again only when somebody has seen to it', async () => {
    const plan = await planWithMaintenance();
    const fakes = createFakes(moving());
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [due()]);
      await incidentWhen(open, ({ recovery }) => recovery !== null);
      await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
      await recoveryOf(plan).result();
      const blocked = await incidentWhen(open, ({ verdict }) => verdict?.rule === 'anti-flapping');
      expect(blocked.verdict?.reason).toMatch(/switchover is called for.*lifeboat acknowledge/s);
      expect(fakes.calls).not.toContain('handOverDatabase database');

      await say(env, open, { verb: 'acknowledge' });
      await incidentWhen(open, ({ recovery, outcome }) => recovery !== null && outcome === null);
      await approve(env, recoveryOf(plan));
      expect(await recoveryOf(plan).result()).toMatchObject({ scenario: 'switchover', outcome: 'recovered' });
      const { recoveries } = await incidentWhen(open, (status) => status.recoveries.length === 2);
      expect(recoveries.map(({ outcome }) => outcome)).toEqual(['refused', 'recovered']);
      await closes(plan, open);
    });
  });
});
