import type { Report } from '../../plan/report.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { breakLab } from '../faults.ts';
import type { Lab } from '../lab.ts';
import { approver } from './approve.ts';
import type { OutsideCheck } from './checks.ts';
import { followRecovery } from './follow.ts';
import { incidentCloses } from './incident.ts';
import { servedBy } from './measure.ts';
import { cacheIn, streamsIn } from './picture/data.ts';
import { looksAsBefore, type Picture, settledPicture } from './picture.ts';
import { type PlanChange, usePlan } from './plan-copy.ts';
import { failoverOf } from './play.ts';
import { comesBackFenced } from './region-comes-back.ts';
import { check, once, type Row, row, type Stage } from './row.ts';

/** A criterion of the plan by which a failover is undone, and what brings it about. */
export interface Criterion extends Pick<Row, 'name' | 'title' | 'plan' | 'shape'> {
  /** How it ends when people have decided that, and not the plan by itself. */
  outcome?: 'aborted';
  /** What the report gives as the reason. */
  says: RegExp;
  change: PlanChange;
  /** Just before the region is lost. */
  beforehand?: (lab: Lab) => unknown;
  /** Once the standby has been promoted. */
  promoted?: (lab: Lab) => Promise<unknown>;
  /** Once all checks have been green. */
  serving?: (stage: Stage, status: RecoveryStatus) => Promise<unknown>;
  /** Before anything is put back. */
  mend?: (lab: Lab) => unknown;
}

/** Long enough for what goes wrong after the cutover to be seen, on a busy machine too. */
export const watchLong: PlanChange = (_, { overrides }) => {
  Object.assign(overrides ?? {}, { watch: '90s' });
};

/** What no rollback past the promotion puts back: the mirror took orders of its own, and a cache holds only copies. */
const except = ({ to }: { to: string }) => [streamsIn(to), cacheIn(to)];

const PICTURE_WITHIN_MS = 90_000;

/**
 * A region freezes, the other one takes over, the first one comes back and is fenced, and then the criterion is met: the
 * failover asks for its way back by itself, and afterwards everything outside is as it was. Where people order it, the names
 * lead to the other region by then.
 */
export function rollbackRow(criterion: Criterion): Row {
  const { name, title, plan, shape } = criterion;
  return row({
    ...{ name, title, plan, shape },
    async disaster(stage) {
      const { lab, screen, signal } = stage;
      const { from } = failoverOf(lab);
      const before = await settledPicture(lab, signal);
      await usePlan(lab, criterion.change);
      await criterion.beforehand?.(lab);
      screen.title(`Disaster: ${from} freezes`);
      const since = Date.now();
      screen.note(await breakLab(lab, ['freeze', from]));
      const report = await followToTheEnd(stage, criterion, since).finally(() => breakLab(lab, ['thaw', from]));
      return { before, report };
    },
    async mustHold(stage, { before, report }) {
      const acted = check('the criterion acted', criterion.says.test(report.reason), report.reason);
      return { report, checks: [acted, ...endsOf(report, criterion), ...(await afterwards(stage, before))] };
    },
  });
}

async function followToTheEnd(stage: Stage, criterion: Criterion, since: number): Promise<Report> {
  const { lab, client, plan, screen, signal } = stage;
  const { from } = failoverOf(lab);
  const promoted = once(async () => {
    await comesBackFenced(lab, from);
    screen.note(`${from} is back, and fenced`);
    await criterion.promoted?.(lab);
  });
  const serving = once(async (status: RecoveryStatus) => criterion.serving?.(stage, status));
  const mended = once(async () => criterion.mend?.(lab));
  const decide = approver(client, plan, stage);
  return await followRecovery(client, plan.system, {
    title: 'Failover, and back',
    since,
    screen,
    signal,
    async meanwhile(status) {
      if (isDone(status, 'promote-database')) await promoted();
      if (status.timeline.some(({ text }) => text.startsWith('all checks are green'))) await serving(status);
    },
    async decide(status, gate) {
      if (gate.name === 'failback') await mended();
      await decide(status, gate);
    },
  });
}

const isDone = ({ phases }: RecoveryStatus, phase: string) =>
  phases.some(({ name, state }) => name === phase && state === 'done');

function endsOf({ outcome, reason, approvals, phases }: Report, criterion: Criterion): OutsideCheck[] {
  const failback = approvals.filter(({ target, accepted }) => target === 'failback' && accepted);
  const undone = phases.filter(({ name }) => name.startsWith('rollback-'));
  const ended = undone.map(({ name, outcome }) => `${name} ${outcome}`).join(', ');
  return [
    check('the recovery went back', outcome === (criterion.outcome ?? 'rolled-back'), `${outcome}: ${reason}`),
    check('people approved the way back once', failback.length === 1, `${failback.length} approvals`),
    check(
      'everything was put back at once',
      undone.length > 0 && undone.every(({ outcome }) => outcome === 'done'),
      ended,
    ),
  ];
}

/** Everything outside, from outside; and the incident, which ends when the region is well again. */
async function afterwards(stage: Stage, before: Picture): Promise<OutsideCheck[]> {
  const { lab, signal } = stage;
  const { from } = failoverOf(lab);
  const same = await looksAsBefore(lab, before, {
    except: except(failoverOf(lab)),
    withinMs: PICTURE_WITHIN_MS,
    signal,
  });
  const served = await servedBy(lab, from, Date.now(), signal);
  await incidentCloses(stage);
  return [same, check(`${from} serves again`, served > 0, `${served} writes acknowledged since`)];
}
