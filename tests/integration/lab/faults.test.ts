import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { Store } from '../../../lab/backups/store.ts';
import { Network } from '../../../lab/breaking/network.ts';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import { attach, type Lab } from '../../../lab/lab.ts';
import { awsClient } from '../../../lab/provision/aws-client.ts';
import { BUCKET, STORE_REGION } from '../../../lab/provision/bucket.ts';
import { backupPrefix } from '../../../lab/services/backups.ts';
import { startLab } from '../../support/activities/lab.ts';
import { PRIMARY } from '../../support/lab/shape.ts';

const REDIS = `${PRIMARY}/redis`;
const IS_ROOT = process.getuid?.() === 0;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab('faults', [REDIS, 'tables', 'third-place/backups']);
}, 120_000);
afterAll(() => lab?.down(), 30_000);

const query = (text: string) => withDatabase(lab, PRIMARY, (client) => client.query(text));
const add = (id: number) => `INSERT INTO orders (id, client, region, body) VALUES (${id}, 'a', 'b', 'c')`;

async function ping({ host, port }: { host: string; port: number }): Promise<number> {
  const redis = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const since = performance.now();
    await redis.ping();
    return performance.now() - since;
  } finally {
    redis.disconnect();
  }
}

test('a statement is run as the owner of the database', async () => {
  await breakLab(lab, ['sql', PRIMARY, `${add(1)}, (2, 'a', 'b', 'c')`]);
  expect(await breakLab(lab, ['sql', PRIMARY, 'DELETE FROM orders WHERE id = 1'])).toBe(`DELETE in ${PRIMARY}: 1 rows`);
  expect((await query('SELECT id FROM orders')).rows).toEqual([{ id: '2' }]);
});

test('a privilege that is revoked is missed, until it is granted again', async () => {
  const privilege = [PRIMARY, 'insert', 'orders', 'application'];
  await breakLab(lab, ['revoke', ...privilege]);
  await expect(query(add(3))).rejects.toThrow('permission denied for table orders');
  await breakLab(lab, ['grant', ...privilege]);
  expect((await query(add(3))).rowCount).toBe(1);
});

test('a way that is cut refuses, one that is delayed is slow, and a healed one is as before', async () => {
  await breakLab(lab, ['cut', REDIS]);
  // Another process finds the network by the lab's state.
  const between = Network.of(await attach(lab.name))?.endpoint(lab, REDIS) ?? { host: '', port: 0 };
  await expect(ping(between)).rejects.toThrow();
  await ping(lab.endpoint(REDIS));
  await breakLab(lab, ['heal', REDIS]);
  await ping(between);
  await breakLab(lab, ['delay', REDIS, '400']);
  expect(await ping(between)).toBeGreaterThanOrEqual(390);
  await breakLab(lab, ['heal', REDIS]);
  await eventually({ what: 'a quick answer', withinMs: 10_000 }, async () => {
    if ((await ping(between)) >= 390) throw new Error('it is slow');
  });
  // Toxiproxy is built when it is not there yet.
}, 240_000);

test('a backup that is damaged does not unpack, at the same size and name; mended, it does', async () => {
  const key = (await new Store(lab.wiring, backupPrefix(lab.shape)).newestKey()) ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-backup-'));
  const s3 = new S3Client({ ...awsClient(lab.wiring, STORE_REGION), forcePathStyle: true });
  const fetched = async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const file = join(folder, 'backup.tar.gz');
    await writeFile(file, (await Body?.transformToByteArray()) ?? '');
    return {
      size: (await readFile(file)).length,
      whole: !(await execa('gzip', ['-t', file], { reject: false })).failed,
    };
  };
  const before = await fetched();
  expect(before.whole).toBe(true);
  expect(await breakLab(lab, ['damage-backup'])).toBe(`damaged 4096 of ${before.size} bytes of ${key}`);
  expect(await fetched()).toEqual({ size: before.size, whole: false });
  await breakLab(lab, ['mend-backup', key]);
  expect(await fetched()).toEqual(before);
  await rm(folder, { recursive: true });
}, 60_000);

test('PostgreSQL refuses a page that is damaged, and serves the others', async () => {
  const filler = "INSERT INTO orders SELECT id, 'a', 'b', now(), repeat('x', 1000) FROM generate_series(10, 60) AS id";
  await query(filler);
  await expect(breakLab(lab, ['damage-page', PRIMARY, 'orders', '99'])).rejects.toThrow(/there is no block 99/);
  expect(await breakLab(lab, ['damage-page', PRIMARY, 'orders'])).toBe(`damaged block 1 of orders in ${PRIMARY}`);
  await expect(query('SELECT count(*) FROM orders')).rejects.toThrow(/invalid page in block 1 of relation/);
  expect((await query('SELECT id FROM orders WHERE id = 2')).rowCount).toBe(1);
  const { rows } = await query(
    'SELECT checksum_failures::int FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows[0].checksum_failures).toBeGreaterThan(0);
}, 120_000);

(IS_ROOT ? test : test.skip)(
  'a full disk takes nothing more until there is room, and goes with the lab',
  async () => {
    const redis = () => new Redis({ ...lab.endpoint(REDIS), maxRetriesPerRequest: 1 });
    const save = async () => {
      const client = redis();
      client.on('error', () => {});
      return await client.save().finally(() => client.disconnect());
    };
    await breakLab(lab, ['fill-disk', REDIS]);
    await expect(save()).rejects.toThrow();
    await expect(writeFile(join(lab.folder, REDIS, 'more'), Buffer.alloc(1_000_000))).rejects.toThrow('ENOSPC');
    await breakLab(lab, ['free-disk', REDIS]);
    expect(await save()).toBe('OK');
    await lab.down();
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(lab.folder);
  },
  60_000,
);
