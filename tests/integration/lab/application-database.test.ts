import { pino } from 'pino';
import { type Database, database } from '../../../lab/application/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { provisionDatabase } from '../../../lab/provision/database.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { TwoRegions } from '../../support/database/two-regions.ts';
import { PRIMARY, STANDBY, twoSites } from '../../support/lab/shape.ts';

/** The application's way to the database, held to a real primary and its standby. */
let regions: TwoRegions;
let orders: Database;

const order = { id: 1, client: 'a', body: 'first' };
const locationOf = (region: typeof PRIMARY | typeof STANDBY) => ({
  host: regions.hosts[region],
  port: regions.ports['postgres'] ?? 0,
});

beforeAll(async () => {
  regions = await TwoRegions.start();
  const wiring = {
    LAB_A_HOST: regions.hosts[PRIMARY],
    LAB_POSTGRES_PORT: `${regions.ports['postgres']}`,
    LIFEBOAT_SECRETS_DIR: regions.secrets,
  };
  await provisionDatabase({ wiring, shape: twoSites });
  await provisionDatabase({ wiring, shape: twoSites });
  const { name, users } = twoSites.database;
  const password = await readSecret(regions.secrets, users.application.secret);
  await eventually({ what: 'the table on the standby', withinMs: 20_000 }, () =>
    regions.sql(STANDBY, 'select from orders'),
  );
  orders = database(PRIMARY, { database: name, user: users.application.name, password }, pino({ level: 'silent' }));
}, 60_000);
afterAll(async () => {
  await orders?.stop();
  await regions?.end();
}, 30_000);

test('before the pods know where the database is, an order fails and says so', async () => {
  expect(orders.target()).toBeNull();
  await expect(orders.store(order)).rejects.toThrow('have not been told');
});

test('an order is stored once, by whoever sent it first, and read as the row', async () => {
  orders.pointTo(locationOf(PRIMARY));
  const first = await orders.store(order);
  expect(first).toMatchObject({ created: true, timeline: 1 });
  expect(JSON.parse(first?.entry ?? '')).toMatchObject({ id: 1, client: 'a', region: PRIMARY, body: 'first' });
  expect(await orders.store(order)).toEqual({ ...first, created: false });
  expect(await orders.store({ ...order, client: 'b' })).toBeNull();
  expect(await orders.find(1)).toBe(first?.entry);
  expect(await orders.find(2)).toBeNull();
  expect(await orders.writable()).toBe(true);
  expect(await orders.checksumFailures()).toBe(0);
});

test('a standby takes no order and is not writable', async () => {
  orders.pointTo(locationOf(STANDBY));
  await expect(orders.store({ ...order, id: 2 })).rejects.toThrow('read-only');
  expect(await orders.writable()).toBe(false);
});

test('a server that hangs costs about a second, one that is dead nothing', async () => {
  orders.pointTo(locationOf(PRIMARY));
  await orders.store({ ...order, id: 3 });
  regions.signal(PRIMARY, 'SIGSTOP');
  const hung = performance.now();
  await expect(orders.store({ ...order, id: 4 })).rejects.toThrow(/timeout/i);
  expect(performance.now() - hung).toBeLessThan(6_000);

  regions.signal(PRIMARY, 'SIGKILL');
  const dead = performance.now();
  await expect(orders.store({ ...order, id: 4 })).rejects.toThrow();
  expect(performance.now() - dead).toBeLessThan(4_000);
});
