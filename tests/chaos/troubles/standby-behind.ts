import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import { lookAfter } from '../../../lab/gameday/play.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { RUNBOOKS } from '../../../starter/runbook-files.ts';
import { PRIMARY, STANDBY, SYSTEM } from '../../support/lab/shape.ts';
import { lookOutside, type Outside, unlessAsBefore, unlessServedBy } from './outside.ts';
import { stopSending } from './replication.ts';
import { disaster, firstOf, type Stage, type Trouble, unlessRecovered } from './trouble.ts';

/** Nobody waits here for the five minutes of the plan. */
const LIMIT_SECONDS = 15;

/** The plan as it is, but for how far behind a standby may be, where the lab's workers find it. */
async function strictPlan({ folder: labFolder }: Lab): Promise<RecoveryPlan> {
  const folder = join(labFolder, 'runbooks');
  await cp(RUNBOOKS, folder, { recursive: true });
  const file = join(folder, SYSTEM, 'plan.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('refuseDataLossOver: 5m', `refuseDataLossOver: ${LIMIT_SECONDS}s`));
  return await loadRecoveryPlan({ system: SYSTEM, environment: 'lab', folder });
}

/** Waits until the newest that the standby has is that old, in seconds. */
async function untilAge(lab: Lab, fits: (seconds: number) => boolean, signal: AbortSignal): Promise<void> {
  const sql = 'SELECT extract(epoch FROM clock_timestamp() - max(at))::float8 AS seconds FROM lifeboat.heartbeat';
  await eventually({ what: 'the standby to be as far behind', withinMs: 90_000, signal }, async () => {
    const { rows } = await withDatabase(lab, STANDBY, (client) => client.query<{ seconds: number }>(sql), 'lifeboat');
    const { seconds } = rows[0] ?? { seconds: Number.NaN };
    if (!fits(seconds)) throw new Error(`it is ${seconds} s behind`);
  });
}

/** The failover is refused and changes nothing. The region is back, the standby catches up, and dies once more. */
async function refusedThenRecovered(stage: Stage): Promise<string | null> {
  const { lab, signal } = stage;
  Object.assign(process.env, lab.wiring);
  const byHand = await strictPlan(lab);
  // Alerts would start a failover by the plan as it is.
  lab.signal('third-place/gateway', 'SIGKILL');
  let before: Outside | null = null;
  const { report } = await disaster(stage, {
    byHand,
    async beforeDisaster() {
      before = await lookOutside(lab);
      await stopSending(lab, { untilLost: 40, signal });
      await untilAge(lab, (seconds) => seconds > LIMIT_SECONDS + 5, signal);
    },
  });
  const refused = firstOf(
    report.outcome !== 'refused' && `${report.outcome}: ${report.reason}`,
    !/^StandbyTooFarBehind: promotion would lose up to [\d.]+ s of writes and the plan allows 15 s$/.test(
      report.reason,
    ) && report.reason,
    before && (await unlessAsBefore(lab, before)),
  );
  if (refused !== null) return refused;
  await breakLab(lab, ['restore', PRIMARY]);
  const serves = await unlessServedBy(lab, PRIMARY, signal);
  if (serves !== null) return serves;
  await untilAge(lab, (seconds) => seconds < 2, signal);
  return unlessRecovered(await lookAfter(lab, await disaster(stage, { byHand }), signal));
}

export const standbyBehind: Trouble[] = [
  { name: 'the standby is too far behind: refused, and recovered once it has caught up', endure: refusedThenRecovered },
];
