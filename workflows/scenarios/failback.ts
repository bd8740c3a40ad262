import type { ActionOf } from '../../plan/action-order.ts';
import { judgeFailback } from '../../plan/judge-move.ts';
import type { Report } from '../../plan/report.ts';
import { askApproval, assessBy } from '../recovery/assess.ts';
import type { RecoveryStart } from '../recovery/messages.ts';
import { PLANNED_MOVE } from '../recovery/planned-move.ts';
import { type Runbook, recover } from '../recovery/recover.ts';
import type { Recovery } from '../recovery/recovery.ts';

/** A region that was failed over is back: its database follows the present primary again, then the system returns. */
export async function failback(start: RecoveryStart): Promise<Report> {
  return await recover(start, runbook);
}

const runbook: Runbook<ActionOf<'failback'>> = { ...PLANNED_MOVE, assess, approve };

function assess(recovery: Recovery): Promise<string> {
  return assessBy(recovery, judgeFailback);
}

async function approve(recovery: Recovery): Promise<string> {
  const { from, to } = recovery.input;
  return await askApproval(recovery, judgeFailback, () => {
    return `Return from ${from} to ${to}? Writes that exist only in ${to} (lost in the failover) will be discarded; a copy of its data directory is kept. ${recovery.finding}.`;
  });
}
