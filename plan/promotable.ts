import { regionViews } from './combine-facts.ts';
import type { Facts } from './facts.ts';
import { notReplicatedRemarks } from './not-replicated.ts';
import { streamRemarks } from './stream-remarks.ts';

/**
 * Settings that a standby needs at least as high as its primary has them: with less, PostgreSQL pauses replay, and a
 * promotion ends in "recovery aborted because of insufficient parameter settings".
 * https://www.postgresql.org/docs/15/hot-standby.html#HOT-STANDBY-ADMIN
 */
export const REQUIRED_PARAMETERS = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const;

/** By name. */
export type Parameters = Record<string, number>;

/** Which settings of the standby are too low for what the primary last had, in words that say what to do. */
export function lowerParameters(standby: Parameters | null, primary: Parameters | null): string | null {
  if (standby === null || primary === null) return null;
  const lower = REQUIRED_PARAMETERS.flatMap((name) => {
    const [has, needs] = [standby[name], primary[name]];
    return has !== undefined && needs !== undefined && has < needs
      ? [`${name} = ${has}, below ${needs} of the primary`]
      : [];
  });
  if (lower.length === 0) return null;
  return `its settings are too low to be promoted: ${lower.join('; ')}. Raise them on the standby, restart it, then retry`;
}

const PAUSED = 'its replay is paused. Run "select pg_wal_replay_resume()" there, then retry';

/** Paused for want of settings, PostgreSQL shuts down when it is resumed. */
const PAUSED_AND_UNKNOWN =
  `its replay is paused, and the settings of its primary are not known. Compare ${REQUIRED_PARAMETERS.join(', ')} with ` +
  'the primary first: if one is lower, raise it and restart the standby; only else run "select pg_wal_replay_resume()"';

const READ_ONLY =
  'default_transaction_read_only is on in its configuration, so that as a primary it would refuse writes. ' +
  'Set it to off there and reload, then retry';

/** What forbids a promotion of the standby in `to`, whoever orders it; null when nothing is seen that does. */
export function forbidsPromotion(facts: Facts): string | null {
  const primary = facts.vantages.map(({ lease }) => lease?.parameters ?? null).find((known) => known !== null) ?? null;
  for (const { replay } of regionViews(facts, facts.to)) {
    if (replay == null) continue;
    const lower = lowerParameters(replay.parameters, primary);
    if (lower !== null) return lower;
    if (replay.paused) return primary === null ? PAUSED_AND_UNKNOWN : PAUSED;
    if (replay.readOnlyByDefault) return READ_ONLY;
  }
  return null;
}

/** What the approver has to know before the standby is promoted, one readable sentence each. */
export function promotionRemarks(facts: Facts): string[] {
  return [...replayRemarks(facts), ...notReplicatedRemarks(facts), ...streamRemarks(facts)];
}

function replayRemarks(facts: Facts): string[] {
  const seen = regionViews(facts, facts.to).flatMap(({ replay }) => {
    if (replay == null) return [];
    const { applyDelaySeconds: delay, heldBy, mayHold } = replay;
    const delayed = `the standby applies WAL ${delay} s late by its configuration; a promotion applies all that it has received`;
    return [...(delay > 0 ? [delayed] : []), ...[heldBy, mayHold].filter((held) => held != null)];
  });
  return [...new Set(seen)];
}
