import { pino } from 'pino';
import { eyes } from '../../../activities/database/postgres-streaming/eyes.ts';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import { ignoreParameters, listenAsPooler, type Pooler } from '../../support/database/pooler.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

let regions: TwoRegions;
let pooler: Pooler;
beforeAll(async () => {
  regions = await TwoRegions.start();
  const host = regions.hosts[STANDBY];
  pooler = await listenAsPooler(host, ignoreParameters(host, regions.ports['postgres'] ?? 0));
}, 60_000);
afterAll(async () => {
  await pooler?.close();
  await regions?.end();
});

/** The plan's component, with the pooler in place of the standby. */
function pooled(): WiredComponent {
  const component = regions.component();
  const { wiring } = component;
  const standby = { host: regions.hosts[STANDBY], port: pooler.port };
  return { ...component, wiring: { ...wiring, regions: { ...wiring.regions, [STANDBY]: standby } } };
}

test('a pooler that ignores what a session asks for is named, and is not taken for the server behind it', async () => {
  const deps = { secrets: secretsFromFolder(regions.secrets), log: pino({ level: 'silent' }) };
  expect(await eyes.databaseFacts(regions.component(), STANDBY, deps)).toMatchObject({ databaseRole: 'standby' });
  expect(await eyes.databaseFacts(pooled(), STANDBY, deps)).toEqual({
    databaseReachable: null,
    databaseRole: null,
    timeline: null,
    walPosition: null,
    replayAgeSeconds: null,
    remarks: [expect.stringContaining('a connection pooler such as PgBouncer answers there')],
  });
});

test('no promotion is sent through a pooler', async () => {
  regions.signal(PRIMARY, 'SIGKILL');
  const steps = new Steps(regions);
  const fenced = await steps.fence();
  const through = pooled();
  regions.component = () => through;
  await expect(steps.promote(fenced, new Date().toISOString())).rejects.toMatchObject({
    type: 'WiringInvalid',
    nonRetryable: true,
    message: expect.stringContaining('a connection pooler such as PgBouncer answers there'),
  });
  const standby = 'select pg_is_in_recovery() as standby';
  expect(await regions.sql(STANDBY, standby)).toEqual([{ standby: true }]);
}, 60_000);
