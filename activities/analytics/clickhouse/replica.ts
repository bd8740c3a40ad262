import { refusal } from '../../fault.ts';
import { name, type Server, text } from './server.ts';

export interface Table {
  database: string;
  table: string;
}

/** A replicated table as its own server sees it. */
export interface Replica {
  replicaName: string;
  /** No inserts: ClickHouse sets it while the table has no session with its coordination service. */
  readOnly: boolean;
  sessionExpired: boolean;
  /** Seconds. */
  delay: number;
}

/** `teei.orders`, quoted for queries. */
export const quoted = ({ database, table }: Table) => `${name(database)}.${name(table)}`;

const where = ({ database, table }: Table) => `database = ${text(database)} AND table = ${text(table)}`;

/** @throws WiringInvalid for a table that is not there or not replicated */
export async function inspect(server: Server, table: Table): Promise<Replica> {
  const [row] = await server.rows<{ r: string; o: number; s: number; d: string | number }>(
    // Other columns of this table are slow to come when the coordination service is in trouble.
    `SELECT replica_name AS r, is_readonly AS o, is_session_expired AS s, absolute_delay AS d
     FROM system.replicas WHERE ${where(table)}`,
  );
  if (row === undefined) {
    throw refusal('WiringInvalid', `${table.database}.${table.table} is no replicated table on this server`);
  }
  return { replicaName: row.r, readOnly: row.o === 1, sessionExpired: row.s === 1, delay: Number(row.d) };
}

/** Parts that this replica was told of and has to fetch from another: rows that it does not have. */
export async function missingParts(server: Server, table: Table): Promise<string[]> {
  const rows = await server.rows<{ part: string }>(
    `SELECT DISTINCT new_part_name AS part FROM system.replication_queue
     WHERE ${where(table)} AND type = 'GET_PART' AND source_replica != replica_name ORDER BY part`,
  );
  return rows.map(({ part }) => part);
}

/** Reads the table: proves that it can be read, and says how much is there. */
export async function countRows(server: Server, table: Table): Promise<number> {
  const [row] = await server.rows<{ n: string | number }>(`SELECT count() AS n FROM ${quoted(table)}`);
  return Number(row?.n);
}

/**
 * Opens an insert of no rows. ClickHouse makes all its checks for it (rights, read-only tables, too many parts) and
 * leaves nothing behind.
 */
export async function insertNothing(server: Server, table: Table): Promise<void> {
  await server.command(`INSERT INTO ${quoted(table)} SELECT * FROM ${quoted(table)} WHERE 0`);
}
