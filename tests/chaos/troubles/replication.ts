import type { Client } from 'pg';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { ledgerOf } from '../../../lab/gameday/measure.ts';
import type { Lab } from '../../../lab/lab.ts';
import { PRIMARY, STANDBY } from '../../support/lab/shape.ts';

/**
 * Freezes what sends the primary's log to the standby: writes go on being acknowledged, and are not replicated any more.
 * Returns when so many have been acknowledged since.
 */
export async function stopSending(
  lab: Lab,
  { untilLost, signal }: { untilLost: number; signal: AbortSignal },
): Promise<void> {
  const sql = 'SELECT pid FROM pg_stat_replication WHERE application_name = $1';
  const senders = (client: Client) => client.query<{ pid: number }>(sql, [STANDBY]);
  const { rows } = await withDatabase(lab, PRIMARY, senders, 'lifeboat');
  if (rows.length !== 1) throw new Error(`${rows.length} standbys are connected`);
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  const before = (await ledgerOf(lab)).length;
  await eventually({ what: 'writes that will be lost', withinMs: 60_000, signal }, async () => {
    const since = (await ledgerOf(lab)).length - before;
    if (since < untilLost) throw new Error(`${since} so far`);
  });
}
