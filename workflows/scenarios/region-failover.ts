import type { ActionOf } from '../../plan/action-order.ts';
import type { Facts } from '../../plan/facts.ts';
import { type FailoverVerdict, judgeFailover } from '../../plan/judge-failover.ts';
import type { Report } from '../../plan/report.ts';
import { askApproval, assessBy } from '../recovery/assess.ts';
import { eachComponent, reversible } from '../recovery/components.ts';
import type { RecoveryStart } from '../recovery/messages.ts';
import { type Runbook, recover } from '../recovery/recover.ts';
import type { Recovery } from '../recovery/recovery.ts';
import { cutOverDns, invalidateCdn, promoteDatabase, rebuildCache, repointWorkloads } from '../recovery/steps.ts';
import { verify } from '../recovery/verify.ts';

/** A region is gone: the system is brought up in the other one. */
export async function regionFailover(start: RecoveryStart): Promise<Report> {
  return await recover(start, runbook);
}

const runbook: Runbook<ActionOf<'region-failover'>> = {
  assess,
  approve,
  'promote-database': eachComponent(promoteDatabase),
  'promote-analytics': eachComponent(reversible('promoteAnalytics', 'captureAnalytics', 'restoreAnalytics')),
  'promote-stream': eachComponent(reversible('promoteStream', 'captureStream', 'restoreStream')),
  'scale-workloads': eachComponent(reversible('scaleWorkloads', 'captureWorkloads', 'restoreWorkloads')),
  'repoint-workloads': eachComponent(repointWorkloads),
  'register-targets': eachComponent(reversible('registerTargets', 'captureTargets', 'restoreTargets')),
  'cut-over-dns': cutOverDns,
  'rebuild-cache': eachComponent(rebuildCache),
  'invalidate-cdn': eachComponent(invalidateCdn),
  verify,
};

const judge =
  ({ scenario }: Recovery) =>
  (facts: Facts): FailoverVerdict =>
    judgeFailover(facts, scenario);

function assess(recovery: Recovery): Promise<string> {
  return assessBy(recovery, judge(recovery));
}

async function approve(recovery: Recovery): Promise<string> {
  const { from, to } = recovery.input;
  return await askApproval(recovery, judge(recovery), () => `Fail over from ${from} to ${to}? ${recovery.finding}.`);
}
