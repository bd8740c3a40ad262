import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../../../activities/lease/lease.ts';
import { eventually } from '../../../lab/eventually.ts';
import { processEntry } from '../../../lab/process-table.ts';
import { membersOf } from '../../../lab/supervisor.ts';
import { type Place, PRIMARY, STANDBY, THIRD_PLACE, TwoRegions } from '../../support/database/two-regions.ts';

/** Ends the writers of a test, also of one that fails. */
let done = new AbortController();
beforeEach(() => {
  done = new AbortController();
});
afterEach(() => done.abort());

/** Inserts one row after another in sessions of its own, and notes when each was acknowledged. */
async function writeWithoutPause(
  regions: TwoRegions,
  place: typeof PRIMARY,
  until: AbortSignal,
  acknowledged: number[] = [],
): Promise<number[]> {
  while (!until.aborted) {
    const client = await regions.connect(place).catch(() => null);
    while (client && !until.aborted) {
      const written = await client.query('insert into writes default values').catch(() => null);
      if (written === null) break;
      acknowledged.push(Date.now());
    }
    client?.end().catch(() => {});
    await sleep(10);
  }
  return acknowledged;
}

/** Writes without pause; the first row has been acknowledged. */
async function startWriting(regions: TwoRegions, place: typeof PRIMARY, until: AbortSignal) {
  const acknowledged: number[] = [];
  const ended = writeWithoutPause(regions, place, until, acknowledged);
  await eventually({ what: 'a first write', withinMs: 10_000, everyMs: 10 }, async () => {
    if (acknowledged.length === 0) throw new Error('none has been acknowledged');
  });
  return { ended };
}

/** Gives the lease to another region, as a fence does. Answers when that was certain. */
async function giveLeaseAway(regions: TwoRegions, holder: string): Promise<number> {
  const store = regions.store();
  return await eventually({ what: 'the lease', withinMs: 5_000, everyMs: 1 }, async () => {
    const stored = await store.read();
    if (stored === null) throw new Error('there is no lease');
    const next: Lease = { ...stored.lease, holder, epoch: 2, recovery: 'test/1', timeline: null, walPosition: null };
    if ((await store.write({ ...next, previous: stored.lease }, stored.etag)) === null)
      throw new Error('lost the race');
    return Date.now();
  }).finally(() => store.close());
}

async function waitForState(regions: TwoRegions, region: typeof PRIMARY | typeof STANDBY, state: string) {
  return await eventually({ what: `${region} to be ${state}`, withinMs: 15_000, everyMs: 20 }, async () => {
    const seen = JSON.parse(await readFile(regions.guardState(region), 'utf8'));
    if (seen.state !== state) throw new Error(`it is ${seen.state}: ${seen.detail}`);
    return seen;
  });
}

const alive = (regions: TwoRegions, place: Place) => membersOf(regions.records(place)).map(({ pid }) => pid);

async function goneWithin(pids: number[], withinMs: number): Promise<number> {
  const startedAt = Date.now();
  await eventually({ what: 'processes to end', withinMs, everyMs: 10 }, async () => {
    const left = pids.filter((pid) => (processEntry(pid)?.state ?? 'Z') !== 'Z');
    if (left.length > 0) throw new Error(`${left.length} live`);
  });
  return Date.now() - startedAt;
}

describe('the guard of a primary', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start({ only: [PRIMARY] });
    await regions.sql(PRIMARY, 'create table writes (id bigserial)');
  }, 60_000);

  afterAll(() => regions?.end());

  test('without its store, it stops PostgreSQL within the ttl, and starts it again afterwards', async () => {
    const writing = await startWriting(regions, PRIMARY, done.signal);
    const postgres = alive(regions, PRIMARY).filter((pid) => pid !== regions.records(PRIMARY)[0]?.pid);
    const stoppedAt = Date.now();
    regions.signal(THIRD_PLACE, 'SIGSTOP');
    await goneWithin(postgres, 2 * regions.ttlMs);
    await waitForState(regions, PRIMARY, 'waiting');
    done.abort();
    const last = Math.max(...(await writing.ended));
    expect(last - stoppedAt).toBeLessThan(regions.ttlMs);
    regions.signal(THIRD_PLACE, 'SIGCONT');
    await waitForState(regions, PRIMARY, 'primary');
    await regions.sql(PRIMARY, 'insert into writes default values');
  }, 40_000);

  test('killed, it takes PostgreSQL with it', async () => {
    const pids = alive(regions, PRIMARY);
    const [guard] = regions.records(PRIMARY);
    expect(pids.length).toBeGreaterThan(5);
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    expect(await goneWithin(pids, 6_000)).toBeLessThan(6_000);
    await regions.startRegion(PRIMARY);
    await waitForState(regions, PRIMARY, 'primary');
  }, 40_000);

  test('told to stop, it shuts PostgreSQL down in order', async () => {
    const pids = alive(regions, PRIMARY);
    const [guard] = regions.records(PRIMARY);
    process.kill(guard?.pid ?? 0, 'SIGTERM');
    await goneWithin(pids, 10_000);
    const log = await readFile(guard?.log ?? '', 'utf8');
    expect(log).toContain('received fast shutdown request');
    expect(log.trimEnd().split('\n').at(-1)).toContain('told to stop');
    await regions.startRegion(PRIMARY);
    await waitForState(regions, PRIMARY, 'primary');
  }, 40_000);

  test('when the lease names another region, no write is acknowledged one ttl later, nor ever after', async () => {
    const writing = await startWriting(regions, PRIMARY, done.signal);
    const takenAt = await giveLeaseAway(regions, STANDBY);
    const { detail } = await waitForState(regions, PRIMARY, 'fenced');
    expect(detail).toContain(`rebuild ${PRIMARY} as a standby of ${STANDBY}`);
    await sleep(regions.ttlMs);
    done.abort();
    const acknowledged = await writing.ended;
    expect(Math.max(...acknowledged) - takenAt).toBeLessThan(regions.ttlMs);
  }, 40_000);

  test('with the lease back, it waits until the other region has lost its right, then starts', async () => {
    await giveLeaseAway(regions, PRIMARY);
    // The previous holder renewed when it was given the lease, at the latest one ttl ago.
    await waitForState(regions, PRIMARY, 'primary');
    await regions.sql(PRIMARY, 'insert into writes default values');
  }, 40_000);
});

describe('the guard of a standby', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table writes (id bigserial)');
  }, 60_000);

  afterAll(() => regions?.end());

  test('a promotion without the lease is undone, and nothing else is started', async () => {
    const client = await regions.connect(STANDBY, 'lifeboat');
    const promotedAt = Date.now();
    await client.query('select pg_promote(false)').finally(() => client.end().catch(() => {}));
    const writing = writeWithoutPause(regions, STANDBY as never, done.signal);
    await waitForState(regions, STANDBY, 'fenced');
    done.abort();
    const acknowledged = await writing;
    const last = Math.max(promotedAt, ...acknowledged);
    expect(last - promotedAt).toBeLessThan(1_500);
    await expect(regions.connect(STANDBY)).rejects.toThrow('ECONNREFUSED');
    await regions.sql(PRIMARY, 'insert into writes default values');
  }, 40_000);
});
