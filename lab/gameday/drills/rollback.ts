import type { Report } from '../../../plan/report.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { withDatabase } from '../../database.ts';
import { breakLab } from '../../faults.ts';
import type { Lab } from '../../lab.ts';
import { approver } from '../approve.ts';
import type { OutsideCheck } from '../checks.ts';
import { followRecovery } from '../follow.ts';
import { incidentCloses } from '../incident.ts';
import { servedBy } from '../measure.ts';
import { cacheIn, streamsIn } from '../picture/data.ts';
import { looksAsBefore, type Picture, settledPicture } from '../picture.ts';
import { budgets, type PlanChange, usePlan } from '../plan-copy.ts';
import { failoverOf } from '../play.ts';
import { abortAs } from './abort.ts';
import { check, type Drill, type Drilled, once, type Stage } from './drill.ts';
import { comesBackFenced, signalNodes } from './region-comes-back.ts';

/** A criterion of the plan by which a failover is undone, and what brings it about. */
interface Criterion {
  name: string;
  title: string;
  /** How it ends when people have decided that, and not the plan by itself. */
  outcome?: 'aborted';
  /** What the report gives as the reason. */
  says: RegExp;
  plan: PlanChange;
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
const watchLong: PlanChange = (_, { overrides }) => {
  Object.assign(overrides ?? {}, { watch: '90s' });
};

const CRITERIA: Criterion[] = [
  {
    name: 'rollback-errors',
    title: 'more than 5 % of client requests fail after the failover: it goes back by itself',
    says: /% of client requests fail; more than 5 % roll back/,
    plan: watchLong,
    promoted: (lab) => withDatabase(lab, failoverOf(lab).to, (client) => client.query(REFUSE_EVERY_OTHER)),
  },
  {
    name: 'rollback-services',
    title: 'more than three critical services fail after the failover: it goes back by itself',
    says: /5 critical services fail; more than 3 roll back/,
    plan: watchLong,
    serving: ({ lab }) => breakLab(lab, [applicationOf(lab)]),
    mend: (lab) => breakLab(lab, ['restore', applicationOf(lab)]),
  },
  {
    name: 'rollback-time',
    title: 'the failover takes longer than its limit, since no pod gets ready: it goes back by itself',
    says: /has taken \d+ s and goes on; more than 30 s roll back/,
    plan: hurry,
    beforehand: (lab) => signalNodes(lab, failoverOf(lab).to, 'SIGSTOP'),
    mend: (lab) => signalNodes(lab, failoverOf(lab).to, 'SIGCONT'),
  },
  {
    name: 'rollback-abort',
    title: 'an executive aborts once the names lead to the other region: it goes back',
    outcome: 'aborted',
    says: /^abort ordered by \S+: the region is back$/,
    plan: watchLong,
    serving: abortOnceServed,
  },
];

/** An application that the database of the region that has taken over does not suit: every health check stays green. */
const REFUSE_EVERY_OTHER = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF random() < 0.5 THEN RAISE 'refused by the drill'; END IF; RETURN new; END $$;
  CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()`;

/** Clients are really served by the other region when it is ordered. */
async function abortOnceServed(stage: Stage, status: RecoveryStatus): Promise<void> {
  const { to } = failoverOf(stage.lab);
  const served = await servedBy(stage.lab, to, Date.now(), stage.signal);
  stage.screen.note(`${served} writes acknowledged by ${to}`);
  await abortAs(stage, status, 'the region is back');
}

/** Twice an objective that nobody has to wait for. */
function hurry(plan: Parameters<PlanChange>[0]): void {
  budgets(plan, 'region-failover', '1s');
  const scenario = plan.scenarios['region-failover'];
  if (!scenario) throw new Error('the plan has no region failover');
  scenario.objectives = { recoveryTime: '15s' };
  scenario.rollback.recoveryTime = '30s';
}

/** What no rollback past the promotion puts back: the mirror took orders of its own, and a cache holds only copies. */
const except = ({ to }: { to: string }) => [streamsIn(to), cacheIn(to)];

const PICTURE_WITHIN_MS = 90_000;

export const rollbacks: Drill[] = CRITERIA.map((criterion) => ({
  name: criterion.name,
  title: criterion.title,
  play: (stage) => playRollback(stage, criterion),
}));

/**
 * A region freezes, the other one takes over, the first one comes back and is fenced, and then the criterion is met: the
 * failover asks for its way back by itself, and afterwards everything outside is as it was. Where people order it, the names
 * lead to the other region by then.
 */
async function playRollback(stage: Stage, criterion: Criterion): Promise<Drilled> {
  const { lab, screen, signal } = stage;
  const { from } = failoverOf(lab);
  const before = await settledPicture(lab, signal);
  await usePlan(lab, criterion.plan);
  await criterion.beforehand?.(lab);
  screen.title(`Disaster: ${from} freezes`);
  const since = Date.now();
  screen.note(await breakLab(lab, ['freeze', from]));
  const report = await followToTheEnd(stage, criterion, since).finally(() => breakLab(lab, ['thaw', from]));
  const acted = check('the criterion acted', criterion.says.test(report.reason), report.reason);
  return { report, checks: [acted, ...endsOf(report, criterion), ...(await afterwards(stage, before))] };
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
      if (isDone(status, 'promote-postgresql')) await promoted();
      if (status.timeline.some(({ text }) => text.startsWith('all checks are green'))) await serving(status);
    },
    async decide(status, gate) {
      if (gate.name === 'failback') await mended();
      await decide(status, gate);
    },
  });
}

const applicationOf = (lab: Lab) => `${failoverOf(lab).to}/application`;

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
