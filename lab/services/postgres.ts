import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { milliseconds } from '../../plan/duration.ts';
import { eventually } from '../eventually.ts';
import { otherRegion, PRIMARY, type Region, THIRD_PLACE } from '../places.ts';
import { provisionBucket, STORE_REGION } from '../provision/bucket.ts';
import { readSecret } from '../secrets.ts';
import { type Context, known, type Service } from '../service.ts';
import {
  asPostgres,
  dataHome,
  freshCluster,
  giveToPostgres,
  POSTGRES_USER,
  writeForPostgres,
} from './postgres-files.ts';
import { releasePostgres } from './postgres-release.ts';
import { APPLICATION_SQL, clusterSql, HOST_BASED_AUTHENTICATION, settings } from './postgres-settings.ts';

const GUARD = join(import.meta.dirname, '..', '..', 'guard');

/** The lease as `runbooks/teei-csr/environments/lab.yaml` wires it. */
const LEASE = { bucket: 'lifeboat', key: 'leases/teei-csr/database.json', clockSkew: '500ms' };
const USUAL_TTL = '4s';

const COPY_WITHIN_MS = 20_000;

/** A region's PostgreSQL under its guard: at first the primary in one region, its streaming standby in the other. */
export function postgres(region: Region): Service {
  const primary = region === PRIMARY;
  return {
    name: `${region}/postgres`,
    place: region,
    needs: [`${THIRD_PLACE}/aws`, ...(primary ? [] : [`${PRIMARY}/postgres`])],
    tools: ['postgresql-15'],
    ports: { postgres: 5432 },
    readyWithinMs: 30_000,
    async prepare(context) {
      await provisionBucket(context.wiring);
      const data = dataOf(context);
      if (!existsSync(data)) await (primary ? preparePrimary(context, data) : prepareStandby(context, region, data));
      await rm(stateFileOf(context), { force: true });
      await writeFile(configurationOf(context), stringify(guardConfiguration(context, region)), { mode: 0o600 });
    },
    programs: ({ folder, wiring }) => [
      {
        name: 'guard',
        command: process.execPath,
        args: [join(GUARD, 'main.ts'), join(folder, 'guard.yaml')],
        env: pick(wiring, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_EC2_METADATA_DISABLED']),
      },
    ],
    observe: (context) => answers(context),
    release: (context) => releasePostgres(context.folder),
  };
}

function guardConfiguration(context: Context, region: Region) {
  const { host, hosts, ports, programs, secrets } = context;
  return {
    region,
    dataDirectory: dataOf(context),
    program: known(programs, 'postgres'),
    user: POSTGRES_USER,
    listen: { host, port: known(ports, 'postgres') },
    connection: { database: 'teei', user: 'lifeboat', passwordFile: join(secrets, 'teei-csr/postgres') },
    lease: {
      ...LEASE,
      ttl: ttlOf(context),
      aws: { region: STORE_REGION, endpoint: `http://${hosts[THIRD_PLACE]}:${known(ports, 'aws')}` },
    },
    replication: {
      user: 'replicator',
      passwordFile: join(secrets, 'teei-csr/postgres-replicator'),
      slot: slotOf(region),
      primaries: { [otherRegion(region)]: { host: hosts[otherRegion(region)], port: known(ports, 'postgres') } },
    },
    confirmCommits: context.wiring['LAB_CONFIRM_COMMITS'] !== 'false',
    stateFile: stateFileOf(context),
  };
}

/** A new cluster with roles, database and Lifeboat's own schema, made without listening to anybody. */
async function preparePrimary(context: Context, data: string): Promise<void> {
  const { programs, secrets, synchronous } = context;
  const standby = otherRegion(PRIMARY);
  const half = `${data}.half`;
  await mkdir(dataHome(context.folder), { recursive: true, mode: 0o711 });
  await freshCluster(known(programs, 'initdb'), half);
  await appendFile(join(half, 'postgresql.conf'), "include 'lifeboat.conf'\n");
  await writeForPostgres(join(half, 'lifeboat.conf'), settings({ waitFor: null }));
  await writeForPostgres(join(half, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION);
  const passwords = {
    application: await readSecret(secrets, 'teei-csr/postgres-application'),
    lifeboat: await readSecret(secrets, 'teei-csr/postgres'),
    replicator: await readSecret(secrets, 'teei-csr/postgres-replicator'),
  };
  await runAlone(
    programs,
    half,
    'postgres',
    clusterSql({ passwords, slot: slotOf(standby), ttlMs: milliseconds(ttlOf(context)) }),
  );
  const schema = await readFile(join(GUARD, 'database.sql'), 'utf8');
  await runAlone(programs, half, 'teei', `${schema}${APPLICATION_SQL}`);
  await writeForPostgres(join(half, 'lifeboat.conf'), settings({ waitFor: synchronous ? standby : null }));
  await rename(half, data);
}

/** Statements for a server that serves nobody else; with `-j` each ends with a semicolon and an empty line. */
async function runAlone(programs: Record<string, string>, data: string, database: string, sql: string): Promise<void> {
  const options = ['-c', 'exit_on_error=true', '-c', 'log_min_messages=error'];
  await asPostgres(known(programs, 'postgres'), ['--single', '-j', ...options, '-D', data, database], sql);
}

/** A copy of the primary that follows it. It never makes commits wait: after its promotion there is nobody to wait for. */
async function prepareStandby(context: Context, region: Region, data: string): Promise<void> {
  const { folder, hosts, ports, programs, secrets } = context;
  const half = `${data}.half`;
  const home = dataHome(folder);
  await mkdir(home, { recursive: true, mode: 0o711 });
  const password = await readSecret(secrets, 'teei-csr/postgres-replicator');
  const passwords = join(home, 'replicator.pgpass');
  await writeForPostgres(passwords, `*:*:*:replicator:${password}\n`);
  const primary = `host=${hosts[PRIMARY]} port=${known(ports, 'postgres')} user=replicator passfile=${passwords}`;
  const source = `${primary} application_name=${region} connect_timeout=2`;
  const from = ['--dbname', source, '--slot', slotOf(region), '--checkpoint', 'fast'];
  // On a busy machine the primary's guard may come too late with the lease, and start its PostgreSQL anew meanwhile.
  await eventually({ what: `a copy of ${PRIMARY}`, withinMs: COPY_WITHIN_MS, everyMs: 500 }, async () => {
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { mode: 0o700 });
    await giveToPostgres(half);
    await asPostgres(known(programs, 'pg_basebackup'), [...from, '--pgdata', half, '--write-recovery-conf']);
  });
  await writeForPostgres(join(half, 'lifeboat.conf'), settings({ waitFor: null }));
  await rename(half, data);
}

/** The database answers, or its guard has said why it must not: a region that lost the lease is there, and fenced. */
async function answers(context: Context): Promise<void> {
  const state = await readFile(stateFileOf(context), 'utf8').catch(() => '{}');
  if (JSON.parse(state).state === 'fenced') return;
  const client = new pg.Client({
    host: context.host,
    port: known(context.ports, 'postgres'),
    database: 'teei',
    user: 'lifeboat',
    password: await readSecret(context.secrets, 'teei-csr/postgres'),
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    client.end().catch(() => {});
  }
}

function pick(wiring: Record<string, string>, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, known(wiring, name)]));
}

const ttlOf = ({ wiring }: Context) => wiring['LAB_LEASE_TTL'] ?? USUAL_TTL;
const slotOf = (region: Region) => region.replaceAll('-', '_');
const dataOf = ({ folder }: Context) => join(dataHome(folder), 'data');
const configurationOf = ({ folder }: Context) => join(folder, 'guard.yaml');
const stateFileOf = ({ folder }: Context) => join(folder, 'guard-state.json');
