import { breakLab } from '../../lab/faults.ts';
import { incidentId } from '../../workflows/incident-messages.ts';
import { countActions, sum } from './actions.ts';
import type { Run } from './history.ts';
import { ALERTS, loseRegion, seeThrough, type Theatre, untilAsked } from './theatre.ts';
import { unrecorded } from './unrecorded.ts';

/** What a failover takes of Temporal in which nobody but an alert has started anything. */
export interface Costs {
  /** Of the incident and its recovery, and what no history has of them. */
  actions: number;
  /** Of both histories. */
  events: number;
}

/**
 * A failover as it comes in earnest: an alert opens an incident, which looks, decides, and starts the recovery. The
 * incident is counted until its recovery has ended; afterwards it goes on looking until somebody acknowledges. The region
 * stays lost.
 */
export async function byAlert(theatre: Theatre): Promise<Costs> {
  const { lab, plan, client } = theatre;
  await breakLab(lab, ['restore', ALERTS]);
  const before = await unrecorded(lab);
  const since = Date.now();
  const approveAtMs = loseRegion(theatre);
  const asked = await untilAsked(theatre, ({ startedAt }) => Date.parse(startedAt) >= since);
  const recovery = await seeThrough(theatre, asked, { approveAtMs });
  const beside = (await unrecorded(lab)) - before;
  const incident = await client.workflow.getHandle(incidentId(plan.system)).fetchHistory();
  return costsOf([recovery.history, incident], beside);
}

function costsOf(histories: readonly Run['history'][], beside: number): Costs {
  const actions = histories.map((history) => sum(countActions(history)));
  const events = histories.map((history) => history.events?.length ?? 0);
  const total = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
  const [recovery, incident] = histories.map((history) => JSON.stringify(countActions(history)));
  console.log(
    `by the alert: recovery ${recovery}, incident ${incident}, ${beside} heartbeats and queries; ${events.join(' and ')} events`,
  );
  return { actions: total(actions) + beside, events: total(events) };
}
