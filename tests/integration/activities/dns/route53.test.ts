import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { dnsActivities } from '../../../../activities/dns/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { type Meddling, startBetween } from '../../../support/activities/between.ts';
import { batchRules } from '../../../support/activities/dns/batch-rules.ts';
import { askerOf, awsEndpoint, resolver, startLab } from '../../../support/activities/lab.ts';
import {
  type Attempt,
  attempt,
  depsOf,
  FROM,
  recoveryRef,
  stepOf,
  TO,
  wired,
} from '../../../support/activities/step.ts';
import { startDnsServer } from '../../../support/lab/dns-server.ts';
import { SYSTEM, ZONE } from '../../../support/lab/shape.ts';

const { captureDns, cutOverDns, restoreDns } = dnsActivities(depsOf());

const OLD = '127.0.0.10';
const NEW = '127.0.0.20';

describe('Route 53', () => {
  let lab: Lab;
  let client: Route53Client;
  let zoneId: string | undefined;
  let tests = 0;
  let name: string;

  beforeAll(async () => {
    lab = await startLab('route53', ['third-place/dns']);
    client = new Route53Client({ region: 'us-east-1', endpoint: awsEndpoint(lab) });
    const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: ZONE }));
    zoneId = HostedZones?.[0]?.Id;
  });

  afterAll(async () => {
    client?.destroy();
    await lab?.down();
  });

  /** Every test moves a name of its own, which leads to the old region at first. */
  beforeEach(async () => {
    tests += 1;
    name = `service-${tests}.teei.test`;
    await upsert({ ResourceRecords: [{ Value: OLD }] });
    await eventually({ what: 'the first answer', withinMs: 20_000, everyMs: 50 }, async () =>
      expect(await answers()).toEqual([OLD]),
    );
  });

  async function upsert(set: Partial<ResourceRecordSet>): Promise<void> {
    const ResourceRecordSet = { Name: name, Type: 'A' as const, ...('AliasTarget' in set ? {} : { TTL: 1 }), ...set };
    const ChangeBatch = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet }] };
    await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch }));
  }

  /** What a client of the DNS server is told. */
  async function answers(): Promise<string[]> {
    return await askerOf(lab).resolve4(name);
  }

  /** The record as Route 53 holds it. */
  async function records(): Promise<ResourceRecordSet[]> {
    const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
    return ResourceRecordSets.filter(({ Name }) => Name === `${name}.`);
  }

  const component = (changes: { endpoint?: string; zone?: string; ttl?: number; resolvers?: string[] } = {}) => {
    const { endpoint = awsEndpoint(lab), zone = ZONE, ttl = 1, resolvers = [resolver(lab)] } = changes;
    return wired('dns', 'route53', {
      shared: { aws: { region: 'us-east-1', endpoint }, zone, records: [{ name, type: 'A', ttl }], resolvers },
      regions: { [FROM]: { values: [OLD] }, [TO]: { values: [NEW] } },
    });
  };

  test('moves the answers, and waits until old ones have expired', async () => {
    const startedAt = Date.now();
    const lastOld = watchLastOld();
    const { changed, detail } = await attempt(cutOverDns, stepOf(component()));
    const finishedAt = Date.now();
    expect(changed).toBe(true);
    expect(await answers()).toEqual([NEW]);
    const times = new RegExp(
      `^${name} A ${OLD} → ${NEW}, INSYNC after (\\d+\\.\\d) s, answers changed after (\\d+\\.\\d) s, old TTL passed after (\\d+\\.\\d) s$`,
    ).exec(detail);
    const [, inSync, answered, expired] = (times ?? []).map(Number);
    // moto is in sync at once; what is seen here is how busy the machine is.
    expect(inSync).toBeLessThan(10);
    expect((expired ?? 0) - (answered ?? 0)).toBeGreaterThanOrEqual(0.9);
    // A client that got the last old answer has let it go, and nobody has waited much longer than that.
    const expiresAt = (await lastOld.stop()) + 1_000;
    expect(finishedAt).toBeGreaterThanOrEqual(expiresAt);
    expect(finishedAt - expiresAt).toBeLessThan(5_000);
    expect((expired ?? 0) * 1000).toBeLessThanOrEqual(finishedAt - startedAt + 50);
  });

  test('a repeat changes nothing', async () => {
    const step = stepOf(component());
    await attempt(cutOverDns, step);
    const before = await records();
    const again = await attempt(cutOverDns, step);
    expect(again.changed).toBe(false);
    const times = new RegExp(
      `^${name} A already ${NEW}, answers changed after (\\d+\\.\\d) s, old TTL passed after (\\d+\\.\\d) s$`,
    ).exec(again.detail);
    const [, answered, expired] = (times ?? []).map(Number);
    expect((expired ?? 0) - (answered ?? 0)).toBeGreaterThanOrEqual(0.9);
    expect(await records()).toEqual(before);
  });

  test('an attempt after a crash knows how long answers from before the change live', async () => {
    await upsert({ TTL: 3, ResourceRecords: [{ Value: OLD }] });
    const heartbeats: unknown[] = [];
    const step = stepOf(component());
    await expect(
      attempt(cutOverDns, step, { heartbeats, cancelWhen: 'until old answers have expired' }),
    ).rejects.toThrow(/abort|cancel/i);
    expect(heartbeats[0]).toEqual({
      seen: 'about to change the records',
      progress: { changed: true, oldTtlSeconds: 3 },
    });
    const last = heartbeats.at(-1) as { progress: { answeredAt: number } };

    const { changed, detail } = await attempt(cutOverDns, step, { info: { heartbeatDetails: last } });
    expect(changed).toBe(true);
    expect(detail).toContain(`${name} A already ${NEW}`);
    expect(Date.now() - last.progress.answeredAt).toBeGreaterThanOrEqual(3_000);
    expect(Date.now() - last.progress.answeredAt).toBeLessThan(10_000);
  });

  test('restores what was captured, whatever the TTL', async () => {
    await upsert({ TTL: 2, ResourceRecords: [{ Value: OLD }, { Value: '127.0.0.11' }] });
    const before = await records();
    const step = stepOf(component());
    const snapshot = await attempt(captureDns, step);
    expect(snapshot.detail).toBe(`${name} A ${OLD}, 127.0.0.11 TTL 2 s`);
    await attempt(cutOverDns, step);
    expect((await records())[0]).toMatchObject({ TTL: 1, ResourceRecords: [{ Value: NEW }] });

    expect(await attempt(restoreDns, { ...step, snapshot })).toMatchObject({ changed: true });
    expect(await records()).toEqual(before);
    expect((await answers()).sort()).toEqual([OLD, '127.0.0.11']);
  });

  test('makes a record that was not there, and takes it away again', async () => {
    name = 'absent.teei.test';
    const step = stepOf(component());
    const snapshot = await attempt(captureDns, step);
    expect(snapshot.detail).toBe(`${name} A nothing TTL 0 s`);
    const { detail } = await attempt(cutOverDns, step);
    // Resolvers keep for a second, by the SOA record, that there was no such name.
    const [, answered, expired] = (
      /answers changed after (\d+\.\d) s, old TTL passed after (\d+\.\d) s$/.exec(detail) ?? []
    ).map(Number);
    expect((expired ?? 0) - (answered ?? 0)).toBeGreaterThanOrEqual(0.9);
    expect(await answers()).toEqual([NEW]);
    await attempt(restoreDns, { ...step, snapshot });
    expect(await records()).toEqual([]);
    // Not ENOTFOUND: the mark, below the name, stays.
    await expect(answers()).rejects.toMatchObject({ code: 'ENODATA' });
  });

  test('a server that is silent is no proof', async () => {
    const silent = component({ resolvers: [resolver(lab), '127.0.7.1:5399'] });
    const late = attempt(cutOverDns, stepOf(silent), { info: { startToCloseTimeoutMs: 8_000 } });
    await expect(late).rejects.toMatchObject({
      type: 'NotReached',
      nonRetryable: false,
      message: expect.stringMatching(
        /last seen: (.*; )?127\.0\.7\.1:5399 does not answer for service-\d+\.teei\.test A/,
      ),
    });
  });

  test('cancellation ends the wait for answers', async () => {
    // The lab's own server may have the new answer before it is asked.
    const stale = await startDnsServer();
    stale.answer({ address: OLD, ttlSeconds: 1 });
    const options: Attempt = { cancelWhen: `answers ${OLD}` };
    const waiting = attempt(cutOverDns, stepOf(component({ resolvers: [stale.address] })), options);
    await expect(waiting).rejects.toThrow(/abort|cancel/i);
    await stale.end();
  });

  test.each([
    ['an alias', { AliasTarget: { HostedZoneId: 'Z1', DNSName: 'lb.example.com', EvaluateTargetHealth: false } }],
    ['a routing policy', { SetIdentifier: 'a', Weight: 10, ResourceRecords: [{ Value: OLD }] }],
  ])('%s is left as it is', async (kind, set) => {
    name = `policy-${kind.replaceAll(' ', '-')}.teei.test`;
    await upsert(set);
    const before = await records();
    expect(before).toHaveLength(1);
    for (const verb of [captureDns, cutOverDns]) {
      await expect(attempt<ReturnType<typeof stepOf>, unknown>(verb, stepOf(component()))).rejects.toMatchObject({
        type: 'WiringInvalid',
        nonRetryable: true,
        message: `${name} A is ${kind}; only simple records are cut over, so it is left as it is`,
      });
    }
    expect(await records()).toEqual(before);
  });

  test('a zone that is not there is refused', async () => {
    await expect(attempt(cutOverDns, stepOf(component({ zone: 'no-such.test' })))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: 'there is no hosted zone no-such.test',
    });
  });

  test('throttling is waited out, and is a fault when it stays', async () => {
    const meddling: Meddling = { throttle: 2 };
    const throttling = await startBetween(awsEndpoint(lab), meddling);
    try {
      const step = stepOf(component({ endpoint: throttling.endpoint }), recoveryRef());
      expect(await attempt(cutOverDns, step)).toMatchObject({ changed: true });
      expect(meddling.throttle).toBe(0);
      expect(await answers()).toEqual([NEW]);
      meddling.throttle = Number.POSITIVE_INFINITY;
      await expect(attempt(cutOverDns, step)).rejects.toMatchObject({
        type: 'NotReached',
        nonRetryable: false,
        message: expect.stringContaining('Throttling'),
      });
    } finally {
      await throttling.end();
    }
  });

  test('a change that is pending is waited for', async () => {
    let looks = 0;
    const pending = await startBetween(awsEndpoint(lab), {
      // The answer to the change itself, and two looks.
      rewrite: { count: 3, from: 'INSYNC', to: 'PENDING' },
      after({ method, path }) {
        if (method === 'GET' && path.includes('/change/')) looks += 1;
      },
    });
    try {
      const { detail } = await attempt(cutOverDns, stepOf(component({ endpoint: pending.endpoint })));
      const [, inSync] = /INSYNC after (\d+\.\d) s/.exec(detail) ?? [];
      // A second from look to look.
      expect([looks, Number(inSync) >= 2]).toEqual([3, true]);
    } finally {
      await pending.end();
    }
  });

  describe('an executor that comes late', () => {
    /** Route 53 behind a gate that holds back changes of records, and lets them through one by one. */
    async function startGate() {
      const held: (() => void)[] = [];
      const rules = batchRules(client, () => zoneId);
      const gate = await startBetween(awsEndpoint(lab), {
        async before(request) {
          if (request.method === 'POST') await new Promise<void>((release) => held.push(release));
          return rules(request);
        },
      });
      const isHolding = () =>
        eventually({ what: 'a change to be held back', withinMs: 20_000, everyMs: 20 }, async () =>
          expect(held).not.toHaveLength(0),
        );
      return { ...gate, isHolding, release: () => held.shift()?.() };
    }

    /** A batch that was on its way when `meanwhile` happened. */
    async function late(step: (endpoint: string) => ReturnType<typeof stepOf>, meanwhile: () => Promise<unknown>) {
      const gate = await startGate();
      try {
        const executing = attempt(cutOverDns, step(gate.endpoint)).catch((error: unknown) => error);
        await gate.isHolding();
        await meanwhile();
        gate.release();
        return await executing;
      } finally {
        await gate.end();
      }
    }

    test('finds its own recovery done, and changes nothing', async () => {
      const recovery = recoveryRef();
      const outcome = await late(
        (endpoint) => stepOf(component({ endpoint }), recovery),
        () => attempt(cutOverDns, stepOf(component(), recovery)),
      );
      expect(outcome).toMatchObject({ type: 'NotReached', nonRetryable: false });
      expect((await records())[0]?.ResourceRecords).toEqual([{ Value: NEW }]);
    });

    test('does not move what its own recovery has put back', async () => {
      const recovery = recoveryRef();
      const step = stepOf(component(), recovery);
      const snapshot = await attempt(captureDns, step);
      const outcome = await late(
        (endpoint) => stepOf(component({ endpoint }), recovery),
        async () => {
          await attempt(cutOverDns, step);
          await attempt(restoreDns, { ...step, snapshot });
        },
      );
      const refusal = {
        type: 'LeaseLost',
        nonRetryable: true,
        message: `TXT record _lifeboat.${name} belongs to recovery "recovery/${SYSTEM}/${recovery.epoch} restored", and this is "recovery/${SYSTEM}/${recovery.epoch}"`,
      };
      expect(outcome).toMatchObject(refusal);
      await expect(attempt(cutOverDns, step)).rejects.toMatchObject(refusal);
      expect(await attempt(restoreDns, { ...step, snapshot })).toMatchObject({ changed: false });
      expect((await records())[0]?.ResourceRecords).toEqual([{ Value: OLD }]);
    });

    test('does not undo a later recovery, not even one that found nothing to do', async () => {
      const earlier = recoveryRef(1_000);
      const snapshot = await attempt(captureDns, stepOf(component(), earlier));
      await attempt(cutOverDns, stepOf(component(), earlier));
      await attempt(cutOverDns, stepOf(component(), recoveryRef(2_000)));
      const refusal = { type: 'LeaseLost', nonRetryable: true };
      await expect(attempt(restoreDns, { ...stepOf(component(), earlier), snapshot })).rejects.toMatchObject(refusal);
      expect((await records())[0]?.ResourceRecords).toEqual([{ Value: NEW }]);
    });
  });

  /** Asks as a client does, without pause, and tells when the old answer was last given. */
  function watchLastOld() {
    let last = 0;
    let running = true;
    const watching = (async () => {
      while (running) {
        if ((await answers()).includes(OLD)) last = Date.now();
      }
    })();
    return {
      stop: async () => {
        running = false;
        await watching;
        return last;
      },
    };
  }
});
