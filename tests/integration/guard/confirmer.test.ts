import { join } from 'node:path';
import type { Client } from 'pg';
import { readGuardConfig } from '../../../guard/config.ts';
import { Confirmer } from '../../../guard/confirmer.ts';
import { eventually } from '../../../lab/eventually.ts';
import { PRIMARY, TwoRegions } from '../../support/database/two-regions.ts';

const WRITE = 'insert into writes default values';

describe('commits that wait for the guard', () => {
  let regions: TwoRegions;
  let onlooker: Client;

  beforeAll(async () => {
    // Longer than a guard is frozen here, and than sessions may be idle.
    regions = await TwoRegions.start({ only: [PRIMARY], ttlMs: 20_000 });
    await regions.sql(PRIMARY, 'create table writes (id bigserial)');
  }, 60_000);

  beforeEach(async () => {
    onlooker = await regions.connect(PRIMARY);
  });
  afterEach(() => {
    signalGuard('SIGCONT');
    onlooker.end().catch(() => {});
  });
  afterAll(() => regions?.end());

  function signalGuard(signal: NodeJS.Signals): void {
    for (const { pid } of regions?.records(PRIMARY) ?? []) process.kill(pid, signal);
  }

  /** A write whose commit waits, in a session of its own, and what its client has been answered so far. */
  async function waiting(before = 'select 1') {
    const client = await regions.connect(PRIMARY, 'application', { queryMs: 60_000 });
    await client.query(before);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const seen = { pid: rows[0]?.pid ?? 0, warnings: [] as string[], answer: null as string | null };
    client.on('notice', ({ message }) => seen.warnings.push(message ?? ''));
    const answered = client.query(WRITE).then(
      () => 'acknowledged',
      (error: Error) => error.message,
    );
    void answered.then((answer) => {
      seen.answer = answer;
      client.end().catch(() => {});
    });
    await waitsFor(seen.pid, 0);
    return Object.assign(seen, { answered });
  }

  async function waitsFor(pid: number, ms: number): Promise<void> {
    const sql = `select extract(epoch from clock_timestamp() - query_start) * 1000 as ms from pg_stat_activity
      where pid = $1 and wait_event = 'SyncRep'`;
    await eventually({ what: 'a commit to wait', withinMs: 20_000, everyMs: 20 }, async () => {
      const { rows } = await onlooker.query<{ ms: string }>(sql, [pid]);
      expect(Number(rows[0]?.ms ?? -1)).toBeGreaterThanOrEqual(ms);
    });
  }

  test('are acknowledged when a guard that stood still for a moment goes on', async () => {
    signalGuard('SIGSTOP');
    const write = await waiting();
    signalGuard('SIGCONT');
    expect(await write.answered).toBe('acknowledged');
    expect(write.warnings).toEqual([]);
  }, 60_000);

  test('are not acknowledged while it stands still, by no time-out and not when the session is ended', async () => {
    signalGuard('SIGSTOP');
    const timed = await waiting('set statement_timeout = 100');
    const ended = await waiting();
    await onlooker.query('select pg_terminate_backend($1)', [ended.pid]);
    expect(await ended.answered).toMatch(/terminat/i);
    await waitsFor(timed.pid, 300);
    expect(timed.answer).toBeNull();
  }, 60_000);

  test('are acknowledged with a warning by PostgreSQL itself when the wait is cancelled', async () => {
    signalGuard('SIGSTOP');
    const write = await waiting();
    await onlooker.query('select pg_cancel_backend($1)', [write.pid]);
    expect(await write.answered).toBe('acknowledged');
    expect(write.warnings).toEqual(['canceling wait for synchronous replication due to user request']);
  }, 60_000);

  async function breakConnection(): Promise<void> {
    const admin = await regions.connect(PRIMARY, 'lifeboat');
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_replication where application_name = 'lifeboat_guard' and sync_state = 'sync'`,
    );
    admin.end().catch(() => {});
    expect(rows).toHaveLength(1);
    process.kill(rows[0]?.pid ?? 0, 'SIGTERM');
  }

  test('go on when the connection on which it confirms was broken', async () => {
    await breakConnection();
    await regions.sql(PRIMARY, WRITE);
  }, 60_000);

  test('say nothing of a standby in another region to the lease', async () => {
    const store = regions.store();
    await eventually({ what: 'figures in the lease', withinMs: 20_000 }, async () => {
      expect((await store.read())?.lease.synchronousStandbys).toEqual([]);
    });
    store.close();
  });

  test('wait for the right, and for ever once it was had and is over', async () => {
    signalGuard('SIGSTOP');
    await breakConnection();
    let right = false;
    const config = readGuardConfig(join(regions.folder, PRIMARY, 'postgres', 'guard.yaml'));
    const confirmer = new Confirmer(config, () => right);
    const running = confirmer.run(() => true);
    const early = await waiting();
    await eventually({ what: 'the log to come', withinMs: 20_000, everyMs: 10 }, async () => {
      expect(confirmer.trouble).toBeNull();
    });
    await waitsFor(early.pid, 300);
    right = true;
    expect(await early.answered).toBe('acknowledged');
    right = false;
    const late = await waiting();
    expect(await confirmer.lost).toContain('is over');
    right = true;
    await waitsFor(late.pid, 300);
    expect(late.answer).toBeNull();
    await running;
  }, 60_000);
});
