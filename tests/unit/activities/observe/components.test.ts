import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { componentFacts, sharedFacts } from '../../../../activities/observe/components.ts';
import { judgeTargets } from '../../../../activities/observe/health/elbv2.ts';
import { measures } from '../../../../activities/observe/measures.ts';
import { secretsFromFolder } from '../../../../activities/secrets.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { type DnsServer, startDnsServer } from '../../../support/lab/dns-server.ts';

const HOST = '127.0.9.10';
const REGION = 'us-east-1';
const deps = { secrets: secretsFromFolder('/nowhere'), log: pino({ level: 'silent' }) };

let server: Server;
let answer: { status: number; body: string } | 'silence' = { status: 200, body: '1\n' };
let url: string;

beforeAll(async () => {
  server = createServer((_, response) => {
    if (answer !== 'silence') response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const component = (name: string, kind: string, provider: string, shared: object, region: object) => ({
  [name]: { name, kind, provider, dependsOn: [], wiring: { shared, regions: { [REGION]: region } } },
});

const analytics = (address: string) =>
  component('analytics', 'analytics', 'clickhouse', { database: 'teei', user: 'default' }, { url: address });

async function look(components: object) {
  const run = () => componentFacts({ components } as unknown as RecoveryPlan, REGION, deps);
  return (await new MockActivityEnvironment().run(run)) as Awaited<ReturnType<typeof componentFacts>>;
}

/** A port of this host on which nobody listens. */
const CLOSED = 1;

describe('a component', () => {
  test('that answers queries is healthy', async () => {
    answer = { status: 200, body: '1\n' };
    expect(await look(analytics(url))).toEqual([
      { component: 'analytics', kind: 'analytics', region: REGION, health: 'healthy', detail: '' },
    ]);
  });

  test('whose queries fail is failing, though its server is up', async () => {
    answer = { status: 500, body: 'Code: 241' };
    expect(await look(analytics(url))).toMatchObject([{ health: 'failing', detail: 'queries answer 500' }]);
  });

  test('that is silent is failing, and does not hold up the look', async () => {
    answer = 'silence';
    const began = Date.now();
    expect(await look(analytics(url))).toMatchObject([{ health: 'failing' }]);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test.each([
    ['clickhouse', analytics(`http://${HOST}:${CLOSED}`)],
    ['redis', component('cache', 'cache', 'redis', { database: 'database' }, { host: HOST, port: CLOSED })],
    ['nats', component('events', 'stream', 'nats', { stream: 'O' }, { servers: [`${HOST}:${CLOSED}`] })],
  ])('that refuses connections is failing: %s', async (_, components) => {
    expect(await look(components)).toMatchObject([{ health: 'failing', detail: expect.stringMatching(/\S/) }]);
  });

  test('that takes connections and says nothing is failing, and keeps none of them: nats', async () => {
    const open = new Set<Socket>();
    const silent = createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    });
    await new Promise<void>((resolve) => silent.listen(0, HOST, resolve));
    const { port } = silent.address() as AddressInfo;
    try {
      expect(
        await look(component('events', 'stream', 'nats', { stream: 'O' }, { servers: [`${HOST}:${port}`] })),
      ).toMatchObject([{ health: 'failing', detail: expect.stringMatching(/\S/) }]);
      await eventually({ what: 'no connection', withinMs: 20_000 }, async () => expect(open.size).toBe(0));
    } finally {
      silent.close();
    }
  });

  test('whose name or secret cannot be found says nothing of itself: unknown', async () => {
    const secret = { stream: 'O', credentialsSecret: 'teei/nats' };
    expect(await look(analytics('http://nowhere.invalid:8123'))).toMatchObject([{ health: 'unknown' }]);
    expect(await look(component('events', 'stream', 'nats', secret, { servers: [`${HOST}:1`] }))).toMatchObject([
      { health: 'unknown', detail: expect.stringContaining('teei/nats') },
    ]);
  });

  test('behind an API that does not answer is unknown: a load balancer goes on without it', async () => {
    const balancer = (endpoint: string) => {
      const region = {
        aws: { region: REGION, endpoint },
        targetGroup: 'teei',
        targets: [{ id: '10.0.0.1', port: 80 }],
      };
      return component('balancer', 'load-balancer', 'elbv2', {}, region);
    };
    const unknown = [{ component: 'balancer', health: 'unknown', detail: expect.stringMatching(/\S/) }];
    expect(await look(balancer(`http://${HOST}:${CLOSED}`))).toMatchObject(unknown);
    answer = 'silence';
    const began = Date.now();
    expect(await look(balancer(url))).toMatchObject(unknown);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  const target = (id: string, state: string) => ({ id, port: 80, state });
  test.each([
    ['healthy', [target('a', 'healthy'), target('b', 'healthy')]],
    ['healthy', [target('a', 'healthy'), target('b', 'initial')]],
    ['degraded', [target('a', 'healthy'), target('b', 'unhealthy')]],
    ['failing', [target('a', 'unhealthy'), target('b', 'unhealthy')]],
    ['unknown', [target('a', 'initial')]],
    ['unknown', []],
  ])('that balances load is %s with such targets', (health, targets) => {
    expect(judgeTargets('teei', targets)).toMatchObject({ health });
  });

  test('of no region is not looked for in one', async () => {
    expect(await look(component('dns', 'dns', 'route53', {}, {}))).toEqual([]);
  });
});

describe('names', () => {
  let first: DnsServer;
  let second: DnsServer;
  beforeAll(async () => {
    first = await startDnsServer();
    second = await startDnsServer();
  });
  afterAll(async () => {
    await Promise.all([first.end(), second.end()]);
  });

  const IN_REGION = { [REGION]: '10.0.0.1', 'eu-central-1': '10.0.0.2' };

  async function lookAtNames(provider: 'route53' | 'cloudflare') {
    const records = [{ name: 'www.teei.test', type: 'A', ttl: 1 }];
    const shared = { zone: 'teei.test', records, resolvers: [first.address, second.address] };
    const regions = Object.fromEntries(Object.entries(IN_REGION).map(([name, value]) => [name, { values: [value] }]));
    const names = { name: 'names', kind: 'dns', provider, dependsOn: [], wiring: { shared, regions } };
    return await sharedFacts({ components: { names } } as unknown as RecoveryPlan);
  }
  const answers = (server: DnsServer, address: string | null) =>
    server.answer(address === null ? null : { address, ttlSeconds: 1 });

  test.each([
    ['route53', IN_REGION[REGION]],
    ['cloudflare', IN_REGION['eu-central-1']],
  ] as const)('of %s that lead to one of the regions are healthy, and of no region', async (provider, address) => {
    for (const server of [first, second]) answers(server, address);
    expect(await lookAtNames(provider)).toEqual([
      { component: 'names', kind: 'dns', region: null, health: 'healthy', detail: '' },
    ]);
  });

  test.each([
    ['degraded, where another server leads right', IN_REGION[REGION], 'degraded'],
    ['failing, where all lead astray', '10.9.9.9', 'failing'],
  ])('that lead elsewhere are %s', async (_, address, health) => {
    answers(first, address);
    answers(second, '10.9.9.9');
    const detail = expect.stringContaining(
      `${second.address} answers 10.9.9.9 for www.teei.test A, which is of no region`,
    );
    expect(await lookAtNames('route53')).toMatchObject([{ health, detail }]);
  });

  test('at Cloudflare may be proxied, so that answers of no region tell nothing', async () => {
    for (const server of [first, second]) answers(server, '104.16.0.1');
    expect(await lookAtNames('cloudflare')).toMatchObject([{ health: 'unknown' }]);
  });

  test('of which one server does not answer are degraded', async () => {
    answers(first, IN_REGION[REGION]);
    answers(second, null);
    const detail = `${second.address} does not answer for www.teei.test A`;
    expect(await lookAtNames('route53')).toMatchObject([{ health: 'degraded', detail }]);
  });

  test('that nobody answers are failing', async () => {
    for (const server of [first, second]) answers(server, null);
    expect(await lookAtNames('cloudflare')).toMatchObject([{ health: 'failing' }]);
  });
});

describe('measures', () => {
  const measure = async (prometheus?: object) =>
    await new MockActivityEnvironment().run(() => measures({ service: { prometheus } } as unknown as RecoveryPlan));
  const sample = (value: string) =>
    JSON.stringify({ data: { resultType: 'vector', result: [{ value: [1_765_000_000, value] }] } });

  test('are what Prometheus answers', async () => {
    answer = { status: 200, body: sample('0.25') };
    expect(await measure({ url, errorRate: 'e', backupAge: 'b', corruption: 'c' })).toEqual({
      customerErrorsPercent: 25,
      backupAgeSeconds: 0.25,
      dataCorrupted: true,
    });
    answer = { status: 200, body: sample('0') };
    expect(await measure({ url, errorRate: 'e', corruption: 'c' })).toEqual({
      customerErrorsPercent: 0,
      backupAgeSeconds: null,
      dataCorrupted: false,
    });
  });

  test('are unknown without a Prometheus, without a figure, and when it fails', async () => {
    const unknown = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: null };
    expect(await measure()).toEqual(unknown);
    answer = { status: 200, body: sample('NaN') };
    expect(await measure({ url, errorRate: 'e', corruption: 'c' })).toEqual(unknown);
    answer = { status: 500, body: '' };
    expect(await measure({ url, errorRate: 'e', backupAge: 'b' })).toEqual(unknown);
  });
});
