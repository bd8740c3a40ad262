import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { refuseIfFrozen } from '../../heartbeat.ts';
import { wiringOf } from '../../provider.ts';
import { rethrow } from '../../rethrow.ts';
import { callSignal } from '../../step-time.ts';

const TIMEOUT_MS = 10_000;

/** Codes of ClickHouse that no repetition changes: unknown table, unknown database, wrong password, not allowed. */
const WRONG = new Set(['60', '81', '193', '194', '497', '516']);

/** Queries of one server. Values stand in the text, quoted: ClickHouse before 19 knows no parameters. */
export interface Server {
  rows<T>(query: string): Promise<T[]>;
  command(query: string): Promise<void>;
}

/** `'it\'s'` */
export const text = (value: string) => `'${value.replace(/['\\]/g, '\\$&')}'`;

/** `` `my table` `` */
export const name = (value: string) => `\`${value.replace(/[`\\]/g, '\\$&')}\``;

/** Lets `act` query the server of the step's `to`. */
export async function withServer<T>(
  { secrets }: Deps,
  { component, to }: Step,
  act: (server: Server) => Promise<T>,
): Promise<T> {
  const { shared, region } = wiringOf<'clickhouse'>(component, to);
  const password = shared.passwordSecret === undefined ? '' : await secrets.get(shared.passwordSecret);
  const client = createClient({
    url: region.url,
    username: shared.user,
    password,
    request_timeout: TIMEOUT_MS,
    // Its log would tell in the worker's log what the thrown error says.
    log: { level: ClickHouseLogLevel.OFF },
  });
  const server: Server = {
    async rows<R>(query: string) {
      const answer = await client.query({ query, format: 'JSONEachRow', abort_signal: callSignal(TIMEOUT_MS) });
      return await answer.json<R>();
    },
    async command(query) {
      refuseIfFrozen();
      await client.command({ query, abort_signal: callSignal(TIMEOUT_MS) });
    },
  };
  try {
    return await act(server);
  } catch (cause) {
    return rethrow(`${component.name} in ${to}`, cause, cause instanceof ClickHouseError && WRONG.has(cause.code));
  } finally {
    await client.close();
  }
}
