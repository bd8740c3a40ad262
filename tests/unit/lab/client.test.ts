import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { IdRanges } from '../../../lab/client/id-ranges.ts';
import { type Answer, runLanes } from '../../../lab/client/lanes.ts';
import {
  type LedgerEntry,
  longestGap,
  lostWrites,
  outage,
  readLedger,
  writesOnOldTimeline,
} from '../../../lab/client/ledger.ts';
import { openLedger } from '../../../lab/client/ledger-file.ts';
import { addressOf } from '../../../lab/client/resolve.ts';
import { sendOrder } from '../../../lab/client/send-order.ts';
import { type DnsServer, startDnsServer } from '../../support/lab/dns-server.ts';

const OLD = 'us-east-1';
const NEW = 'eu-central-1';

function entry(id: number, at: number, region = OLD, timeline = region === OLD ? 1 : 2): LedgerEntry {
  return { id, at, time: new Date(at).toISOString(), region, timeline, attempts: 1 };
}

describe('reading a ledger', () => {
  const failover = [entry(1, 1000), entry(2, 1050), entry(3, 1100), entry(5, 9100, NEW), entry(4, 9150, NEW)];

  test('the outage is from the last write of the old region to the first of the new one', () => {
    expect(outage(failover, OLD, NEW)).toEqual({ ms: 8000, lastOfOld: failover[2], firstOfNew: failover[3] });
  });

  test('the order of the lines does not matter, the times do', () => {
    expect(outage(failover.toReversed(), OLD, NEW)?.ms).toBe(8000);
  });

  test('without a write on one of the sides there is no outage to measure', () => {
    expect(outage(failover.slice(0, 3), OLD, NEW)).toBeNull();
    expect(outage(failover.slice(3), OLD, NEW)).toBeNull();
    expect(outage([], OLD, NEW)).toBeNull();
  });

  test('after a failback, writes of the other region before the last one of the old do not end the outage', () => {
    const thereAndBack = [...failover, entry(6, 20_000), entry(7, 20_050)];
    expect(outage(thereAndBack, OLD, NEW)).toBeNull();
    expect(outage(thereAndBack, NEW, OLD)?.ms).toBe(10_850);
  });

  test('the longest gap counts in any region', () => {
    expect(longestGap(failover)).toEqual({ ms: 8000, startedAt: 1100 });
    expect(longestGap([entry(1, 1000)])).toBeNull();
  });

  test('lost writes are the acknowledged ones that the database has not', () => {
    expect(lostWrites(failover, [1, 2, 4, 5, 99]).map(({ id }) => id)).toEqual([3]);
    expect(lostWrites(failover, [5, 4, 3, 2, 1])).toEqual([]);
  });

  test('a write on the old timeline after one on the new shows two writers', () => {
    expect(writesOnOldTimeline(failover)).toEqual([]);
    const split = entry(6, 9120, OLD, 1);
    expect(writesOnOldTimeline([...failover, split])).toEqual([split]);
  });

  test('a last line without its end is not read, a broken line in the middle is an error', () => {
    const line = JSON.stringify(entry(1, 1000));
    expect(readLedger(`${line}\n${line.slice(0, 20)}`)).toEqual([entry(1, 1000)]);
    expect(readLedger(line)).toEqual([]);
    expect(() => readLedger(`${line.slice(0, 20)}\n${line}\n`)).toThrow();
    expect(() => readLedger('{"id":1}\n')).toThrow();
  });
});

test('ranges hold exactly the ids that were added, whatever their order', () => {
  const someIds = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 });
  fc.assert(
    fc.property(someIds, (ids) => {
      const set = new IdRanges();
      for (const id of ids) set.add(id);
      const ranges = set.list();
      const held = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      expect(held).toEqual([...new Set(ids)].sort((one, other) => one - other));
      for (const [index, [first]] of ranges.entries()) {
        expect(first).toBeGreaterThan((ranges[index - 1]?.[1] ?? -1) + 1);
      }
    }),
  );
});

describe('the ledger file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-client-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('goes on where it ended, and drops a line that was cut short', async () => {
    const path = join(folder, 'below', 'ledger.jsonl');
    const first = openLedger(path);
    first.append(entry(1, 1000));
    first.append(entry(2, 1050));
    first.close();
    await writeFile(path, '{"id":3,"at":', { flag: 'a' });

    const second = openLedger(path);
    second.append(entry(4, 2000, NEW));
    expect(second.summary()).toEqual({
      table: 'orders',
      acknowledged: 3,
      maxId: 4,
      ranges: [
        [1, 2],
        [4, 4],
      ],
      firstAt: '1970-01-01T00:00:01.000Z',
      lastAt: '1970-01-01T00:00:02.000Z',
      lastByRegion: {
        [OLD]: { id: 2, at: '1970-01-01T00:00:01.050Z', timeline: 1 },
        [NEW]: { id: 4, at: '1970-01-01T00:00:02.000Z', timeline: 2 },
      },
    });
    second.close();
    expect(readLedger(await readFile(path, 'utf8')).map(({ id }) => id)).toEqual([1, 2, 4]);
  });

  test('says so when nothing was acknowledged yet', () => {
    const ledger = openLedger(join(folder, 'ledger.jsonl'));
    expect(ledger.summary()).toMatchObject({ acknowledged: 0, maxId: null, ranges: [], firstAt: null, lastAt: null });
    ledger.close();
  });
});

describe('lanes', () => {
  const acknowledged: Answer = { outcome: 'acknowledged', region: OLD, timeline: 1 };
  const failed: Answer = { outcome: 'failed', detail: 'no' };

  /** Runs lanes against scripted answers until `enough` orders are acknowledged. */
  async function run(answers: (id: number, attempt: number) => Answer, enough: number, lanes = 2) {
    const stop = new AbortController();
    const sent: number[] = [];
    const ledger: LedgerEntry[] = [];
    await runLanes(
      {
        lanes,
        paceMs: 1,
        firstId: 10,
        send: async (id) => {
          sent.push(id);
          return answers(id, sent.filter((other) => other === id).length);
        },
        acknowledged: (one) => {
          ledger.push(one);
          if (ledger.length === enough) stop.abort();
        },
        answered: () => undefined,
      },
      stop.signal,
    );
    return { sent, ledger };
  }

  test('an order is repeated with the same id until it is acknowledged', async () => {
    const { ledger } = await run((id, attempt) => (id === 11 && attempt < 3 ? failed : acknowledged), 4, 1);
    expect(ledger.map(({ id, attempts }) => [id, attempts])).toEqual([
      [10, 1],
      [11, 3],
      [12, 1],
      [13, 1],
    ]);
  });

  test('lanes share one numbering', async () => {
    const { sent } = await run(() => acknowledged, 20);
    expect(new Set(sent).size).toBe(sent.length);
  });

  test('an order that is refused for good is given up and not acknowledged', async () => {
    const { sent, ledger } = await run(
      (id) => (id === 10 ? { outcome: 'refused', detail: '409' } : acknowledged),
      2,
      1,
    );
    expect(sent.slice(0, 2)).toEqual([10, 11]);
    expect(ledger.map(({ id }) => id)).toEqual([11, 12]);
  });
});

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('sending an order', () => {
  async function answerOf(status: number, headers: Record<string, string>): Promise<Answer> {
    const server = createServer((_request, response) => response.writeHead(status, headers).end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await sendOrder(1, async () => '127.0.0.1', (server.address() as AddressInfo).port);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('201 and 200 with region and timeline are acknowledgements', async () => {
    const headers = { 'x-region': NEW, 'x-timeline': '2' };
    const acknowledged = { outcome: 'acknowledged', region: NEW, timeline: 2 };
    expect(await answerOf(201, headers)).toEqual(acknowledged);
    expect(await answerOf(200, headers)).toEqual(acknowledged);
  });

  test('an acknowledgement that does not say by whom is none', async () => {
    expect(await answerOf(201, {})).toMatchObject({ outcome: 'failed' });
  });

  test('server errors may pass, client errors do not', async () => {
    expect(await answerOf(503, {})).toMatchObject({ outcome: 'failed' });
    expect(await answerOf(409, {})).toMatchObject({ outcome: 'refused' });
  });

  test('nobody there and no address are failures that say why', async () => {
    expect(await sendOrder(1, async () => '127.0.0.1', await closedPort())).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    const noAddress = async () => Promise.reject(new Error('no such name'));
    expect(await sendOrder(1, noAddress, 1)).toEqual({ outcome: 'failed', detail: 'no such name' });
  });
});

describe('resolving the service', () => {
  let dns: DnsServer;
  let now: number;
  let address: () => Promise<string>;
  beforeEach(async () => {
    dns = await startDnsServer();
    now = 1000;
    address = addressOf('api.teei.test', dns.address, () => now);
    dns.answer({ address: '127.0.0.10', ttlSeconds: 2 });
  });
  afterEach(() => dns.end());

  test('an answer is used until its TTL has run out, and not a moment longer', async () => {
    expect(await address()).toBe('127.0.0.10');
    dns.answer({ address: '127.0.0.20', ttlSeconds: 2 });
    now = 2999;
    expect(await address()).toBe('127.0.0.10');
    expect(dns.questions()).toBe(1);
    now = 3000;
    expect(await address()).toBe('127.0.0.20');
    expect(dns.questions()).toBe(2);
  });

  test('lanes that ask at the same time ask once', async () => {
    await Promise.all([address(), address(), address(), address()]);
    expect(dns.questions()).toBe(1);
  });

  test('an answer that has run out is not used when DNS fails, and the next question is asked anew', async () => {
    await address();
    now = 3000;
    dns.answer(null);
    await expect(address()).rejects.toThrow('ESERVFAIL');
    dns.answer({ address: '127.0.0.20', ttlSeconds: 2 });
    expect(await address()).toBe('127.0.0.20');
  });
});
