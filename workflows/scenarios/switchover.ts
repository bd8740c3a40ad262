import type { ActionOf } from '../../plan/action-order.ts';
import type { Facts } from '../../plan/facts.ts';
import type { FailoverVerdict } from '../../plan/judge-failover.ts';
import { judgeSwitchover } from '../../plan/judge-move.ts';
import type { Report } from '../../plan/report.ts';
import { askApproval, assessBy } from '../recovery/assess.ts';
import type { RecoveryStart } from '../recovery/messages.ts';
import { PLANNED_MOVE } from '../recovery/planned-move.ts';
import { type Runbook, recover } from '../recovery/recover.ts';
import type { Recovery } from '../recovery/recovery.ts';

/** Both regions are well, and the system is moved from one to the other without losing a write. */
export async function switchover(start: RecoveryStart): Promise<Report> {
  return await recover(start, runbook);
}

const runbook: Runbook<ActionOf<'switchover'>> = { ...PLANNED_MOVE, assess, approve };

const judge =
  ({ scenario }: Recovery) =>
  (facts: Facts): FailoverVerdict =>
    judgeSwitchover(facts, scenario);

function assess(recovery: Recovery): Promise<string> {
  return assessBy(recovery, judge(recovery));
}

async function approve(recovery: Recovery): Promise<string> {
  const { from, to } = recovery.input;
  return await askApproval(recovery, judge(recovery), () => {
    return `Move from ${from} to ${to}? Clients wait while the database changes hands. ${sentence(recovery.finding)}`;
  });
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
