import type { RestoreStep, Snapshot, Step, StepResult } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { wiringOf } from '../provider.ts';
import { leftMs, stepDeadline } from '../step-time.ts';
import { together } from '../together.ts';
import { until } from '../until.ts';
import {
  countRows,
  insertNothing,
  inspect,
  missingParts,
  quoted,
  type Replica,
  type Table,
} from './clickhouse/replica.ts';
import { type Server, withServer } from './clickhouse/server.ts';
import type { AnalyticsVerbs } from './index.ts';

/** A table gets its session with the coordination service back by itself; this long is waited for it. */
const WRITABLE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 250;
/** So many parts are named in a detail; of the others, the number. */
const NAMED_PARTS = 3;

/**
 * Replicated tables of ClickHouse. Every replica takes reads and inserts already, so promotion is to stop waiting for
 * the parts of a region that is gone, and to see that the tables can be read and written. Works with ClickHouse 18.16
 * and later. Only the server of the step's `to` is asked.
 */
export function clickhouse(deps: Deps): AnalyticsVerbs {
  return {
    captureAnalytics: (step) => withServer(deps, step, (server) => capture(server, step)),
    promoteAnalytics: (step) => withServer(deps, step, (server) => promote(server, step)),
    restoreAnalytics: (step) => withServer(deps, step, (server) => restore(server, step)),
    rejoinAnalytics: (step) => withServer(deps, step, (server) => rejoin(server, step)),
  };
}

interface State {
  tables: (Replica & { table: string; rows: number })[];
}

function tablesOf({ component, to }: Step): Table[] {
  const { database, tables } = wiringOf<'clickhouse'>(component, to).shared;
  return tables.map((table) => ({ database, table }));
}

async function capture(server: Server, step: Step): Promise<Snapshot> {
  const look = async (table: Table) => ({
    table: table.table,
    rows: await countRows(server, table),
    ...(await inspect(server, table)),
  });
  const state: State = { tables: await together(tablesOf(step).map(look)) };
  const details = state.tables.map(({ table, rows, readOnly, delay }) => {
    return `${table}: ${count(rows, 'row')}, ${readOnly ? 'read-only' : 'writable'}, ${delay} s behind`;
  });
  return { detail: details.join('; '), state };
}

/** ClickHouse does not tell whether fetches are stopped, so they are stopped again: that is no change then. */
async function promote(server: Server, step: Step): Promise<StepResult> {
  const deadline = Date.now() + Math.min(WRITABLE_WITHIN_MS, leftMs(stepDeadline()));
  const details = await together(
    tablesOf(step).map(async (table) => {
      await inspect(server, table);
      await server.command(`SYSTEM STOP FETCHES ${quoted(table)}`);
      await writable(server, table, deadline);
      await insertNothing(server, table);
      const rows = await countRows(server, table);
      const missing = await missingParts(server, table);
      return `${table.table} is writable with ${count(rows, 'row')}${without(missing)}`;
    }),
  );
  return { changed: true, detail: `fetches are stopped; ${details.join('; ')}` };
}

function writable(server: Server, table: Table, deadline: number): Promise<Replica> {
  const what = `${table.database}.${table.table} to become writable`;
  return until({ what, timeoutMs: leftMs(deadline), everyMs: LOOK_EVERY_MS }, async (note) => {
    const replica = await inspect(server, table);
    if (!replica.readOnly && !replica.sessionExpired) return replica;
    note(replica.sessionExpired ? 'its session with the coordination service is lost' : 'it is read-only');
    return undefined;
  });
}

function without(parts: string[]): string {
  if (parts.length === 0) return '';
  const named = parts.slice(0, NAMED_PARTS).join(', ');
  const others = parts.length > NAMED_PARTS ? ` and ${parts.length - NAMED_PARTS} more` : '';
  return ` and without ${count(parts.length, 'part')} that only the other replica may have: ${named}${others}`;
}

async function restore(server: Server, step: RestoreStep): Promise<StepResult> {
  const tables = tablesOf(step);
  await together(tables.map((table) => server.command(`SYSTEM START FETCHES ${quoted(table)}`)));
  return { changed: true, detail: `${tables.map(({ table }) => table).join(', ')}: fetches from other replicas go on` };
}

async function rejoin(server: Server, step: Step): Promise<StepResult> {
  const deadline = stepDeadline();
  const details = await together(
    tablesOf(step).map(async (table) => {
      await inspect(server, table);
      await server.command(`SYSTEM START FETCHES ${quoted(table)}`);
      await complete(server, table, deadline);
      return `${table.table} has ${count(await countRows(server, table), 'row')}`;
    }),
  );
  return { changed: true, detail: `fetches go on in ${step.to}, and nothing is missing: ${details.join('; ')}` };
}

function complete(server: Server, table: Table, deadline: number): Promise<true> {
  const what = `${table.database}.${table.table} to have all parts`;
  return until({ what, timeoutMs: leftMs(deadline), everyMs: LOOK_EVERY_MS }, async (note) => {
    const missing = await missingParts(server, table);
    note(`${count(missing.length, 'part')} to fetch`);
    return missing.length === 0 ? true : undefined;
  });
}

function count(number: number, of: string): string {
  return `${new Intl.NumberFormat('en-US').format(number)} ${of}${number === 1 ? '' : 's'}`;
}
