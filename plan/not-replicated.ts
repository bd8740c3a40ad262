import { regionViews } from './combine-facts.ts';
import type { Facts } from './facts.ts';

/** What a primary has that streaming replication does not bring to its standby in a usable state. Lists are cut. */
export interface NotReplicated {
  /** Exist on the primary alone. */
  logicalSlots: { name: string; plugin: string; database: string; confirmed: string | null }[];
  /** Arrive on the standby, and hold their locks there until they are decided. */
  preparedTransactions: { gid: string; owner: string }[];
  /** Arrive empty. */
  unloggedTables: string[];
}

/** One readable sentence for each kind of thing that the promotion of `to` leaves behind, with the remedy. */
export function notReplicatedText(
  { logicalSlots, preparedTransactions, unloggedTables }: NotReplicated,
  from: string,
  to: string,
): string[] {
  const slots = logicalSlots.map(({ name, plugin, database, confirmed }) => {
    const until = confirmed === null ? '' : `, confirmed up to ${confirmed}`;
    return `${name} (${plugin}, database ${database}${until})`;
  });
  const prepared = preparedTransactions.map(({ gid, owner }) => `"${gid}" of ${owner}`);
  return [
    ...(slots.length === 0
      ? []
      : [
          `logical slots of ${from} are not in ${to}, and their consumers miss changes: ${slots.join('; ')}. ` +
            `Create each in ${to} and take a new snapshot from there`,
        ]),
    ...(prepared.length === 0
      ? []
      : [
          `transactions prepared in ${from} are in doubt and keep their locks in ${to}: ${prepared.join('; ')}. ` +
            'End each with "commit prepared" or "rollback prepared"',
        ]),
    ...(unloggedTables.length === 0 ? [] : [`unlogged tables are empty in ${to}: ${unloggedTables.join(', ')}`]),
  ];
}

/** The same of the facts: as the primary says it itself, or as it last wrote it into its lease. */
export function notReplicatedRemarks(facts: Facts): string[] {
  const { from, to } = facts;
  const seen = regionViews(facts, from).map(({ notReplicated }) => notReplicated);
  const written = facts.vantages.map(({ lease }) => (lease?.holder === from ? lease.notReplicated : null));
  const known = [...seen, ...written].find((each) => each != null);
  return known === undefined || known === null ? [] : notReplicatedText(known, from, to);
}
