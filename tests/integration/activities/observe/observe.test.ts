import { createServer, type Server } from 'node:http';
import { pino } from 'pino';
import { observeActivities } from '../../../../activities/observe/index.ts';
import { secretsFromFolder } from '../../../../activities/secrets.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { RegionFacts, VantageFacts } from '../../../../plan/facts.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../../support/database/two-regions.ts';
import { type DnsServer, startDnsServer } from '../../../support/lab/dns-server.ts';
import { CLIENT_NAME, SYSTEM } from '../../../support/lab/shape.ts';

/** A region's application, as far as probes see it. */
async function startApplication(host: string, port: number, status: () => number): Promise<Server> {
  const server = createServer((_, answer) => answer.writeHead(status()).end());
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return server;
}

describe('observe', () => {
  const PORT = 18_080;
  let regions: TwoRegions;
  let dns: DnsServer;
  let applications: Server[];
  let statusInA = 200;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    dns = await startDnsServer();
    dns.answer({ address: regions.hosts[PRIMARY], ttlSeconds: 1 });
    const hosts = [regions.hosts[PRIMARY], regions.hosts[STANDBY]];
    applications = await Promise.all(
      hosts.map((host, index) => startApplication(host, PORT, () => (index === 0 ? statusInA : 503))),
    );
  }, 60_000);

  afterAll(async () => {
    for (const server of applications) server.close();
    await dns.end();
    await regions.end();
  });

  /** What `observe` reads of a plan. */
  function plan(): RecoveryPlan {
    const endpoint = (region: typeof PRIMARY | typeof STANDBY) => `http://${regions.hosts[region]}:${PORT}`;
    const service = {
      host: CLIENT_NAME,
      port: PORT,
      scheme: 'http',
      resolvers: [dns.address],
      regions: { [PRIMARY]: endpoint(PRIMARY), [STANDBY]: endpoint(STANDBY) },
    };
    const services = [{ name: 'orders', path: '/health', critical: true }];
    const components = { database: regions.component() };
    return {
      regions: { primary: PRIMARY, standby: STANDBY },
      service,
      services,
      components,
    } as unknown as RecoveryPlan;
  }

  async function look(): Promise<VantageFacts & { at: Record<string, RegionFacts> }> {
    const deps = { secrets: secretsFromFolder(regions.secrets), log: pino({ level: 'silent' }) };
    const recovery = { workflowId: `recovery/${SYSTEM}`, runId: 'one', epoch: 1 };
    const facts = await observeActivities(deps).observe({ recovery, plan: plan(), vantage: 'third-place' });
    return { ...facts, at: Object.fromEntries(facts.regions.map((facts) => [facts.region, facts])) };
  }

  test('sees two regions that are well', async () => {
    await eventually({ what: 'a heartbeat on the standby', withinMs: 20_000 }, async () => {
      const { at, lease, servingRegions } = await look();
      expect(at[PRIMARY]).toMatchObject({ serviceReachable: true, databaseReachable: true, databaseRole: 'primary' });
      expect(at[PRIMARY]).toMatchObject({ timeline: 1, replayAgeSeconds: null });
      expect(at[STANDBY]).toMatchObject({ databaseReachable: true, databaseRole: 'standby', timeline: 1 });
      expect(at[STANDBY]?.replayAgeSeconds).toBeLessThan(2);
      expect(lease).toMatchObject({ holder: PRIMARY, walPosition: expect.stringMatching(/^0\//) });
      expect(servingRegions).toEqual([PRIMARY]);
    });
  });

  test('a service that answers with a server error does not serve', async () => {
    const { at } = await look();
    expect(at[STANDBY]).toMatchObject({ serviceReachable: false });
    expect(at[STANDBY]?.remarks.join()).toContain('answers 503');
  });

  test('one answer of two is enough: a hiccup is no disaster', async () => {
    let asked = 0;
    applications[0]?.removeAllListeners('request').on('request', (_, answer) => {
      answer.writeHead(asked++ === 0 ? 503 : 200).end();
    });
    expect((await look()).at[PRIMARY]).toMatchObject({ serviceReachable: true });
    expect(asked).toBe(2);
  });

  test('what cannot be told is null, with a remark', async () => {
    dns.answer(null);
    regions.signal('third-place', 'SIGSTOP');
    const { at, lease, servingRegions } = await look();
    regions.signal('third-place', 'SIGCONT');
    expect(lease).toBeNull();
    expect(servingRegions).toEqual([]);
    expect(at[PRIMARY]?.remarks.join()).toContain('cannot read the lease');
  });

  test('a dead region refuses, and a frozen one is silent: both are unreachable', async () => {
    const gone = { serviceReachable: false, databaseReachable: false, databaseRole: null, walPosition: null };
    statusInA = 500;
    applications[0]?.removeAllListeners('request').on('request', (_, answer) => answer.writeHead(statusInA).end());
    regions.signal(PRIMARY, 'SIGSTOP');
    expect((await look()).at[PRIMARY]).toMatchObject(gone);
    regions.signal(PRIMARY, 'SIGKILL');
    applications[0]?.close();
    expect((await look()).at[PRIMARY]).toMatchObject(gone);
  });
});
