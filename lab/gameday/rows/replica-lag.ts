import { readFileSync } from 'node:fs';
import type { IncidentStatus } from '../../../workflows/incident-messages.ts';
import { withDatabase } from '../../database.ts';
import { eventually } from '../../eventually.ts';
import type { Lab } from '../../lab.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { approver } from '../approve.ts';
import { checkOutside } from '../checks.ts';
import { followRecovery } from '../follow.ts';
import { incidentWhen, sendAlert } from '../incident.ts';
import { measure } from '../measure.ts';
import { type PlanChange, usePlan } from '../plan-copy.ts';
import { failoverOf } from '../play.ts';
import { check, row, type Stage } from '../row.ts';

export const replicaLag = row({
  name: 'replica-lag',
  title: 'a region dies while its standby is behind: the failover waits until the standby has caught up',
  plan: twoSites.system,
  shape: twoSites.name,
  recovers: true,
  disaster: diesWhileBehind,
  async mustHold({ lab, signal }, { behind, lost, report, since }) {
    const course = { ...failoverOf(lab), timeline: 2 };
    const measured = await measure(lab, since, { ...course, signal });
    return {
      report,
      measured,
      checks: [
        check('it waited while both regions were well', waits(behind.verdict), `${behind.verdict?.reason}`),
        check('it waited while the region was lost', waits(lost.verdict), `${lost.verdict?.reason}`),
        check('it started no recovery before', recoveriesOf(lost) === recoveriesOf(behind), recoveriesOf(lost)),
        ...(await checkOutside(lab, course, report, measured)),
      ],
    };
  },
});

const TOO_FAR_SECONDS = 6;

/** How far behind is too far, and for how long people leave it to Lifeboat. */
const impatient: PlanChange = (_, { overrides }) => {
  Object.assign(overrides?.decisions?.rules?.['standby-behind'] ?? {}, { over: `${TOO_FAR_SECONDS}s`, atMost: '10m' });
};

/** Replay hangs on the standby, which goes on receiving; monitoring says so; then the region dies. */
async function diesWhileBehind(stage: Stage) {
  const { lab, client, plan, screen, signal } = stage;
  const { from, to } = failoverOf(lab);
  await usePlan(lab, impatient);
  screen.title(`Disaster: replay hangs in ${to}, then every process of ${from} is killed`);
  const replaying = replayOf(lab, to);
  process.kill(replaying, 'SIGSTOP');
  await fallsBehind(lab, signal);
  await sendAlert(stage, 'ReplicationLag', `the standby in ${to} falls behind`);
  const behind = await incidentWhen(stage, 'a wait for the standby', ({ verdict }) => waits(verdict));
  const since = Date.now();
  screen.note(`${lab.signal(from, 'SIGKILL')} processes killed under write load`);
  const lost = await incidentWhen(
    stage,
    'a wait although the region is lost',
    ({ verdict, facts }) => waits(verdict) && facts?.fromUnreachable === true,
  );
  process.kill(replaying, 'SIGCONT');
  const decide = approver(client, plan, stage);
  const report = await followRecovery(client, plan.system, { title: 'Failover', since, decide, screen, signal });
  return { behind, lost, report, since };
}

const AGE = 'SELECT extract(epoch FROM clock_timestamp() - max(at))::float8 AS seconds FROM lifeboat.heartbeat';

/** An incident that looks too early finds nothing amiss, and looks again only after a minute. */
async function fallsBehind(lab: Lab, signal: AbortSignal): Promise<void> {
  await eventually({ what: 'the standby to fall behind', withinMs: 60_000, signal }, async () => {
    const { rows } = await withDatabase(
      lab,
      failoverOf(lab).to,
      (client) => client.query<{ seconds: number }>(AGE),
      'lifeboat',
    );
    const seconds = rows[0]?.seconds ?? 0;
    if (seconds <= TOO_FAR_SECONDS) throw new Error(`it is ${seconds} s behind`);
  });
}

type Verdict = { action: string; rule: string } | null;
const waits = (verdict: Verdict) => verdict?.action === 'wait' && verdict.rule === 'standby-behind';

/** The one that runs and those that the incident knows of, from before it was opened too. */
const recoveriesOf = ({ recovery, outcome, recoveries }: IncidentStatus): string =>
  [`${recovery} ${outcome}`, ...recoveries.map(({ id }) => id)].join(', ');

/** The process of a standby that replays what it receives. */
function replayOf(lab: Lab, region: string): number {
  const found = lab.processes(`${region}/postgres`).find(({ pid }) => /startup recovering/.test(commandOf(pid)));
  if (found === undefined) throw new Error(`nothing replays in ${region}`);
  return found.pid;
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
