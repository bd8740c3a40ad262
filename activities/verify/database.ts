import type { RecoveryPlan, WiredComponent } from '../../plan/recovery-plan.ts';
import { type Ask, withDatabase } from '../database/postgres-streaming/connection.ts';
import type { Deps } from '../deps.ts';
import { reasonOf } from '../reason.ts';
import { type Finding, failed, passed, unknown } from './check.ts';

/** What a write to a region's database came to. */
interface Written {
  standby: boolean;
  /** Seconds between the newest heartbeat from before and now; null when there was none. */
  ageSeconds: number | null;
}

const BEFORE = `
  SELECT pg_is_in_recovery() AS standby,
    (SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM lifeboat.heartbeat WHERE id = 1) AS "ageSeconds"`;

const WRITE = `
  INSERT INTO lifeboat.heartbeat AS was (id, at) VALUES (1, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET at = greatest(was.at, excluded.at)
  RETURNING at::text`;

const READ = 'SELECT at::text FROM lifeboat.heartbeat WHERE id = 1 AND at >= $1::timestamptz';

export interface DatabaseFindings {
  writable: Finding;
  fresh: Finding;
}

/** Writes the heartbeat to the region's database and reads it back. Never throws. */
export async function checkDatabase(
  deps: Deps,
  plan: RecoveryPlan,
  component: WiredComponent,
  region: string,
): Promise<DatabaseFindings> {
  try {
    return judge(await write(deps, component, region), region, limitSeconds(plan));
  } catch (cause) {
    const reason = `${component.name} in ${region}: ${reasonOf(cause)}`;
    return { writable: failed(reason), fresh: unknown(reason) };
  }
}

function write({ secrets }: Deps, component: WiredComponent, region: string): Promise<Written> {
  return withDatabase(component, region, secrets, async (ask: Ask) => {
    const [before] = await ask<Written>(BEFORE);
    if (before === undefined) throw new Error('the database did not say whether it is a primary');
    if (before.standby) return before;
    const [written] = await ask<{ at: string }>(WRITE);
    const read = await ask(READ, [written?.at]);
    if (read.length !== 1) throw new Error('the heartbeat that was written cannot be read back');
    return before;
  });
}

/** Data may be as old as what the objectives allow to be lost, and the recovery to take. */
const limitSeconds = ({ objectives }: RecoveryPlan) => objectives.dataLossSeconds + objectives.recoveryTimeSeconds;

function judge({ standby, ageSeconds }: Written, region: string, limit: number): DatabaseFindings {
  return {
    writable: standby
      ? failed(`the database in ${region} is a standby`)
      : passed(`a write to the primary in ${region} was read back`),
    fresh: judgeAge(ageSeconds, limit),
  };
}

function judgeAge(ageSeconds: number | null, limit: number): Finding {
  if (ageSeconds === null) return unknown('there is no heartbeat from before');
  const age = `the newest heartbeat from before is ${Math.max(0, ageSeconds).toFixed(1)} s old`;
  return ageSeconds <= limit ? passed(age) : failed(`${age}; the objectives allow ${limit} s`);
}
