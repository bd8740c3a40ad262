import { twoSites } from '../../shapes/two-sites.ts';
import { budgets, type PlanChange } from '../plan-copy.ts';
import { failoverOf } from '../play.ts';
import { signalNodes } from '../region-comes-back.ts';
import { rollbackRow } from '../rollback.ts';

/** Twice an objective that nobody has to wait for. */
const hurry: PlanChange = (plan) => {
  budgets(plan, 'region-failover', '1s');
  const scenario = plan.scenarios['region-failover'];
  if (!scenario) throw new Error('the plan has no region failover');
  scenario.objectives = { recoveryTime: '15s' };
  scenario.rollback.recoveryTime = '30s';
};

export const rollbackRtoExceeded = rollbackRow({
  name: 'rollback-rto-exceeded',
  title: 'the failover takes longer than its limit, since no pod gets ready: it goes back by itself',
  plan: twoSites.system,
  shape: twoSites.name,
  says: /has taken \d+ s and goes on; more than 30 s roll back/,
  change: hurry,
  beforehand: (lab) => signalNodes(lab, failoverOf(lab).to, 'SIGSTOP'),
  mend: (lab) => signalNodes(lab, failoverOf(lab).to, 'SIGCONT'),
});
