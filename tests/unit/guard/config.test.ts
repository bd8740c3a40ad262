import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readGuardConfig } from '../../../guard/config.ts';

const good = {
  region: 'us-east-1',
  dataDirectory: '/var/lib/postgresql/15/main',
  program: '/usr/lib/postgresql/15/bin/postgres',
  listen: { host: '127.0.0.10', port: 5432 },
  connection: { database: 'teei', user: 'lifeboat', passwordFile: '/run/secrets/password' },
  lease: { bucket: 'lifeboat', key: 'lease.json', aws: { region: 'eu-west-1' }, ttl: '30s', clockSkew: '1s' },
};

describe("a guard's configuration", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-guard-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(config: object) {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, stringify(config));
    return readGuardConfig(file);
  }

  test('is read, with the user that PostgreSQL runs as by default', async () => {
    expect(await read(good)).toEqual({ ...good, user: 'postgres', confirmCommits: false });
  });

  test('says all that is wrong at once', async () => {
    const wrong = { ...good, program: 'postgres', listen: { host: '', port: 0 }, lease: { ...good.lease, ttl: '30' } };
    const error = await read(wrong).catch((cause: Error) => cause);
    expect(String(error)).toMatch(
      /program: expected an absolute path.*listen.host.*listen.port.*lease.ttl: expected a du/,
    );
  });

  test('that makes commits wait needs a role that may receive the log', async () => {
    await expect(read({ ...good, confirmCommits: true })).rejects.toThrow('replication: expected with confirmCommits');
  });

  test.each([
    ['a second document', '---\nregion: eu-central-1\n', /:\d+:1: a second YAML document starts here/],
    ['a key that stands there twice', 'region: eu-central-1\n', /:\d+:1: not valid YAML: Map keys must be unique/],
    ['aliases beyond all measure', `x: &x []\ny: [${'*x,'.repeat(16_000)}]\n`, /:\d+:\d+: more than 100 aliases/],
  ])('is one plain document: not %s', async (_, more, problem) => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, stringify(good) + more);
    const startedAt = performance.now();
    expect(() => readGuardConfig(file)).toThrow(problem);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('takes nothing that it does not know', async () => {
    await expect(read({ ...good, tll: '4s' })).rejects.toThrow('tll');
  });
});
