import type { Lab } from '../../lab.ts';
import { onStage } from '../play.ts';
import type { Row, RowResult, Stage } from '../row.ts';
import { abort } from './abort.ts';
import { dnsOutage } from './dns-outage.ts';
import { failback } from './failback.ts';
import { replicaLag } from './replica-lag.ts';
import { rollbackAbort } from './rollback-abort.ts';
import { rollbackErrors } from './rollback-errors.ts';
import { rollbackRtoExceeded } from './rollback-rto-exceeded.ts';
import { rollbackServices } from './rollback-services.ts';
import { selfHeal } from './self-heal.ts';
import { switchover } from './switchover.ts';
import { teei1 } from './teei-1.ts';

/** Every row of `npm run gameday`, the usual one first. */
export const ROWS: readonly [Row, ...Row[]] = [
  ...([teei1, switchover, failback] as const),
  ...[selfHeal, dnsOutage, replicaLag, abort],
  ...[rollbackErrors, rollbackServices, rollbackRtoExceeded, rollbackAbort],
];

export function rowNamed(name: string): Row {
  const found = ROWS.find((row) => row.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no row "${name}"; there are: ${ROWS.map((row) => row.name).join(', ')}`);
}

export function rowsOfPlan(plan: string): Row[] {
  const rows = ROWS.filter((row) => row.plan === plan);
  if (rows.length > 0) return rows;
  const plans = [...new Set(ROWS.map((row) => row.plan))];
  throw new Error(`no row follows a plan "${plan}"; there are rows of: ${plans.join(', ')}`);
}

/** Plays a row on a lab that is up, under load. */
export function playRow(lab: Lab, row: Row, acting: Pick<Stage, 'screen' | 'signal' | 'yes'>): Promise<RowResult> {
  return onStage(lab, acting.signal, (client, plan) => row.play({ lab, client, plan, ...acting }));
}
