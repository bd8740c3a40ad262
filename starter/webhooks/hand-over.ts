import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { boundAlert } from '../../workflows/incident/bound-alert.ts';
import type { Translated } from './format.ts';
import type { Incidents } from './incidents.ts';
import type { Grant } from './keyring.ts';
import { systemOf } from './match.ts';
import type { RecentAlerts } from './recent.ts';

/** What became of the alerts of one webhook, counted. */
export interface HandedOver {
  /** Given to Temporal by this webhook. */
  accepted: number;
  /** Temporal had them already. */
  repeated: number;
  /** Of no system and no alert rule that this gateway serves. */
  unmatched: number;
  /** Of a system that the sender's key may not speak for. */
  forbidden: number;
  /** Could not be read. */
  malformed: number;
}

export const OUTCOMES = [
  'accepted',
  'repeated',
  'unmatched',
  'forbidden',
  'malformed',
] as const satisfies (keyof HandedOver)[];

export interface Desk {
  plans: readonly RecoveryPlan[];
  incidents: Incidents;
  recent: RecentAlerts;
  /** Within which Temporal must have the alerts, in milliseconds. */
  timeoutMs: number;
}

/** Gives each alert to the incident of its system. Rejects unless Temporal has all that the sender may say. */
export async function handOver(desk: Desk, grant: Grant, { alerts, malformed }: Translated): Promise<HandedOver> {
  const bySystem = Map.groupBy(alerts, (alert) => systemOf(alert, desk.plans));
  const unmatched = bySystem.get(null)?.length ?? 0;
  const counts = { accepted: 0, repeated: 0, unmatched, forbidden: 0, malformed: malformed.length };
  const deliveries = desk.plans.map(async (plan) => {
    const own = (bySystem.get(plan.system) ?? []).map((alert) => boundAlert(alert, plan));
    if (own.length > 0 && !grant.maySpeakFor(plan.system)) {
      counts.forbidden += own.length;
      return;
    }
    const { fresh } = await desk.recent.hand(plan.system, own, (news) =>
      desk.incidents.raise(plan, news, desk.timeoutMs),
    );
    counts.accepted += fresh;
    counts.repeated += own.length - fresh;
  });
  await Promise.all(deliveries);
  return counts;
}
