import type { RecoveryRef } from '../../../../activities/contract.ts';
import { dnsActivities } from '../../../../activities/dns/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { readSecret } from '../../../../lab/secrets.ts';
import { startBetween } from '../../../support/activities/between.ts';
import { askerOf, resolver, startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../../support/activities/step.ts';
import { EDGE_ZONE, SYSTEM } from '../../../support/lab/shape.ts';

const OLD = '127.0.0.10';
const NEW = '127.0.0.20';

interface Entry {
  id: string;
  name: string;
  content: string;
  ttl: number;
  proxied: boolean;
  comment: string | null;
}

describe('Cloudflare', () => {
  let lab: Lab;
  let endpoint: string;
  let token: string;
  let records: string;
  let verbs: ReturnType<typeof dnsActivities>;
  let tests = 0;
  let name: string;

  beforeAll(async () => {
    lab = await startLab('cloudflare', ['third-place/dns']);
    endpoint = `http://${lab.wiring['LAB_C_HOST']}:${lab.wiring['LAB_CLOUDFLARE_PORT']}/client/v4`;
    const secrets = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    token = await readSecret(secrets, `${SYSTEM}/cloudflare`);
    verbs = dnsActivities(depsOf(secrets));
    const [zone] = (await ask('GET', `/zones?name=${EDGE_ZONE}`)) as { id: string }[];
    records = `/zones/${zone?.id}/dns_records`;
  }, 180_000);

  afterAll(() => lab?.down());

  /** Every test moves a name of its own. */
  beforeEach(() => {
    tests += 1;
    name = `service-${tests}.${EDGE_ZONE}`;
  });

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return ((await response.json()) as { result: unknown }).result;
  }

  async function add(entry: Partial<Entry> = {}): Promise<void> {
    await ask('POST', records, { name, type: 'A', content: OLD, ttl: 1, ...entry });
    await eventually({ what: 'the first answer', withinMs: 20_000, everyMs: 50 }, async () =>
      expect(await answers()).toContain(entry.content ?? OLD),
    );
  }

  async function entries(): Promise<Omit<Entry, 'name'>[]> {
    const found = (await ask('GET', `${records}?name=${name}&type=A`)) as Entry[];
    return found.map(({ id, content, ttl, proxied, comment }) => ({ id, content, ttl, proxied, comment }));
  }

  /** What a client of the DNS server is told. */
  async function answers(): Promise<string[]> {
    return (await askerOf(lab).resolve4(name)).sort();
  }

  const component = (values: string[] = [NEW], zone = EDGE_ZONE) =>
    wired('edge-dns', 'cloudflare', {
      shared: {
        endpoint,
        tokenSecret: `${SYSTEM}/cloudflare`,
        zone,
        records: [{ name, type: 'A', ttl: 1 }],
        resolvers: [resolver(lab)],
      },
      regions: { [FROM]: { values: [OLD] }, [TO]: { values } },
    });

  test('changes the entry in place, waits for its answers, and changes nothing again', async () => {
    await add({ comment: 'the front door' });
    const [before] = await entries();
    const step = stepOf(component());
    const { changed, detail } = await attempt(verbs.cutOverDns, step);
    expect(changed).toBe(true);
    expect(detail).toMatch(
      new RegExp(`^${name} A ${OLD} → ${NEW}, answers changed after \\d+\\.\\d s, old TTL passed after \\d+\\.\\d s$`),
    );
    expect(await answers()).toEqual([NEW]);
    expect(await entries()).toEqual([{ ...before, content: NEW }]);

    const again = await attempt(verbs.cutOverDns, step);
    expect(again).toMatchObject({ changed: false, detail: expect.stringContaining(`${name} A already ${NEW}`) });
    expect(await entries()).toEqual([{ ...before, content: NEW }]);
  });

  test('restores what was captured: values, TTL and comment', async () => {
    await add({ ttl: 2, comment: 'one' });
    await add({ content: '127.0.0.11', ttl: 2, comment: 'two' });
    const before = await entries();
    const step = stepOf(component());
    const snapshot = await attempt(verbs.captureDns, step);
    expect(snapshot.detail).toBe(`${name} A ${OLD}, 127.0.0.11`);
    await attempt(verbs.cutOverDns, step);
    expect((await entries()).map(({ content }) => content)).toEqual([NEW]);

    expect(await attempt(verbs.restoreDns, { ...step, snapshot })).toMatchObject({ changed: true });
    expect(await answers()).toEqual([OLD, '127.0.0.11']);
    const withoutId = ({ id: _, ...entry }: Omit<Entry, 'name'>) => entry;
    expect((await entries()).map(withoutId)).toEqual(before.map(withoutId));
    expect(await attempt(verbs.restoreDns, { ...step, snapshot })).toMatchObject({ changed: false });
  });

  test('makes a record that was not there with all its values, and takes it away again', async () => {
    const step = stepOf(component([NEW, '127.0.0.21']));
    const snapshot = await attempt(verbs.captureDns, step);
    await attempt(verbs.cutOverDns, step);
    expect(await answers()).toEqual([NEW, '127.0.0.21']);
    await attempt(verbs.restoreDns, { ...step, snapshot });
    expect(await entries()).toEqual([]);
    // Not ENOTFOUND: the mark, below the name, stays.
    await expect(answers()).rejects.toMatchObject({ code: 'ENODATA' });
  });

  test('a proxied record stays proxied, and no answers are waited for', async () => {
    await add({ proxied: true });
    const { detail } = await attempt(verbs.cutOverDns, stepOf(component()));
    expect(detail).toBe(`${name} A ${OLD} → ${NEW}, proxied: Cloudflare's edge follows`);
    expect(await entries()).toMatchObject([{ content: NEW, proxied: true, ttl: 1 }]);
  });

  test('a zone that the token does not see is refused', async () => {
    await expect(attempt(verbs.cutOverDns, stepOf(component([NEW], 'no-such.test')))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: 'there is no zone no-such.test that the token may see',
    });
  });

  test('a wrong token is refused, in words and without showing it', async () => {
    const { cutOverDns } = dnsActivities({ ...depsOf(), secrets: { get: async () => 'hunter2' } });
    await expect(attempt(cutOverDns, stepOf(component()))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: `could not find zone ${EDGE_ZONE}: Cloudflare answers 403: 9109 Invalid access token`,
    });
  });

  test('an address that does not answer is a fault that may pass', async () => {
    const gone = component();
    Object.assign(gone.wiring.shared, { endpoint: 'http://127.0.7.1:8787/client/v4' });
    await expect(attempt(verbs.cutOverDns, stepOf(gone))).rejects.toMatchObject({
      type: 'NotReached',
      nonRetryable: false,
      message: expect.stringContaining('ECONNREFUSED 127.0.7.1:8787'),
    });
  });

  describe('an executor that comes late', () => {
    /** Its first request that fits is on its way while everything else happens. */
    async function late(recovery: RecoveryRef, fits: (path: string) => boolean, meanwhile: () => Promise<unknown>) {
      let held = false;
      const between = await startBetween(new URL(endpoint).origin, {
        async before({ method, path }) {
          if (held || method === 'GET' || !fits(path)) return null;
          held = true;
          await meanwhile();
          return null;
        },
      });
      try {
        const there = component();
        Object.assign(there.wiring.shared, { endpoint: `${between.endpoint}/client/v4` });
        return await attempt(verbs.cutOverDns, stepOf(there, recovery)).catch((error: unknown) => error);
      } finally {
        await between.end();
      }
    }
    const isBatch = (path: string) => path.endsWith('/batch');

    test('finds its own recovery done, and changes nothing', async () => {
      await add();
      const recovery = recoveryRef();
      const outcome = await late(recovery, isBatch, () => attempt(verbs.cutOverDns, stepOf(component(), recovery)));
      expect(outcome).toMatchObject({ type: 'NotReached', nonRetryable: false });
      expect(await entries()).toMatchObject([{ content: NEW }]);
    });

    test.each([
      ['the change', isBatch],
      ['the first mark', (path: string) => !isBatch(path)],
    ])('does not move what its own recovery has put back, with %s in its hands', async (_, fits) => {
      // Nobody waits for answers of a proxied record: both moves end before the request in hand is given up.
      await add({ proxied: true });
      const recovery = recoveryRef();
      const step = stepOf(component(), recovery);
      const snapshot = await attempt(verbs.captureDns, step);
      const outcome = await late(recovery, fits, async () => {
        await attempt(verbs.cutOverDns, step);
        await attempt(verbs.restoreDns, { ...step, snapshot });
      });
      expect(outcome).toMatchObject({
        type: 'LeaseLost',
        nonRetryable: true,
        message: `TXT record _lifeboat.${name} belongs to recovery "recovery/${SYSTEM}/${recovery.epoch} restored", and this is "recovery/${SYSTEM}/${recovery.epoch}"`,
      });
      expect(await entries()).toMatchObject([{ content: OLD }]);
      // A later recovery takes over whatever marks there are.
      await attempt(verbs.cutOverDns, stepOf(component(), recoveryRef(recovery.epoch + 1)));
      expect(await ask('GET', `${records}?name=_lifeboat.${name}&type=TXT`)).toHaveLength(1);
      expect(await entries()).toMatchObject([{ content: NEW }]);
    });

    test('does not undo a later recovery', async () => {
      await add();
      const earlier = recoveryRef(1_000);
      const snapshot = await attempt(verbs.captureDns, stepOf(component(), earlier));
      await attempt(verbs.cutOverDns, stepOf(component(), earlier));
      await attempt(verbs.cutOverDns, stepOf(component(), recoveryRef(2_000)));
      await expect(attempt(verbs.restoreDns, { ...stepOf(component(), earlier), snapshot })).rejects.toMatchObject({
        type: 'LeaseLost',
        nonRetryable: true,
      });
      expect(await entries()).toMatchObject([{ content: NEW }]);
    });
  });

  test('cancellation ends the wait for old answers to expire', async () => {
    await add();
    const cancelled = attempt(verbs.cutOverDns, stepOf(component()), { cancelWhen: 'until old answers have expired' });
    await expect(cancelled).rejects.toThrow(/abort|cancel/i);
    expect(await entries()).toMatchObject([{ content: NEW }]);
  });
});
