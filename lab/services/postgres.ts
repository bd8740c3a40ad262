import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { milliseconds } from '../../plan/duration.ts';
import { eventually } from '../eventually.ts';
import { THIRD_PLACE } from '../places.ts';
import { provisionBucket, STORE_REGION } from '../provision/bucket.ts';
import { readSecret } from '../secrets.ts';
import { type Context, known, type Program, type Service } from '../service.ts';
import {
  addressName,
  type DatabaseUser,
  firstInstance,
  type Instance,
  instanceService,
  type Placement,
  present,
  type Shape,
} from '../shapes/shape.ts';
import {
  asPostgres,
  commandAsPostgres,
  dataHome,
  freshCluster,
  giveToPostgres,
  POSTGRES_USER,
  writeForPostgres,
} from './postgres-files.ts';
import { releasePostgres } from './postgres-release.ts';
import { applicationSql, clusterSql, hostBasedAuthentication, settings } from './postgres-settings.ts';

const GUARD = join(import.meta.dirname, '..', '..', 'guard');

const USUAL_TTL = '4s';

const COPY_WITHIN_MS = 20_000;

/** An instance of PostgreSQL: at first the first is primary, and the others are its streaming standbys. */
export function postgres(shape: Shape, placement: Placement): Service {
  const instance = instanceOf(shape, placement);
  const first = firstInstance(shape);
  const guarded = shape.database.lease !== null;
  return {
    name: instanceService(instance),
    place: instance.site,
    address: addressName(instance),
    needs: present(shape, [
      ...(guarded ? [`${THIRD_PLACE}/aws`] : []),
      ...(instance === first ? [] : [instanceService(first)]),
    ]),
    tools: ['postgresql-15'],
    ports: { postgres: 5432 },
    readyWithinMs: 30_000,
    async prepare(context) {
      if (guarded) await provisionBucket(context.wiring);
      const data = dataOf(context);
      if (!existsSync(data)) {
        await (instance === first ? preparePrimary(context, data) : prepareStandby(context, instance, data));
      }
      if (guarded) await writeGuardConfiguration(context, instance);
    },
    programs: (context) => [guarded ? guard(context) : unguarded(context)],
    observe: (context) => answers(context),
    release: (context) => releasePostgres(context.folder),
  };
}

function instanceOf({ database, name }: Shape, placement: Placement): Instance {
  const wanted = placement.instance ?? placement.site;
  const instance = database.instances.find((each) => each.site === placement.site && each.name === wanted);
  if (instance === undefined) throw new Error(`shape "${name}" has no instance "${wanted}" of the database`);
  return instance;
}

function guard({ folder, wiring }: Context): Program {
  return {
    name: 'guard',
    command: process.execPath,
    args: [join(GUARD, 'main.ts'), join(folder, 'guard.yaml')],
    env: pick(wiring, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_EC2_METADATA_DISABLED']),
  };
}

/** As a person starts it. It is ended at once: what it would do at its end, it does at its next start. */
function unguarded(context: Context): Program {
  const { host, ports, programs } = context;
  const listen = ['-h', host, '-p', `${known(ports, 'postgres')}`];
  return { name: 'postgres', ...commandAsPostgres(known(programs, 'postgres'), ['-D', dataOf(context), ...listen]) };
}

async function writeGuardConfiguration(context: Context, instance: Instance): Promise<void> {
  await rm(stateFileOf(context), { force: true });
  await writeFile(configurationOf(context), stringify(guardConfiguration(context, instance)), { mode: 0o600 });
}

function guardConfiguration(context: Context, { name }: Instance) {
  const { host, hosts, ports, programs, secrets, shape } = context;
  const { database } = shape;
  const port = known(ports, 'postgres');
  const others = database.instances.filter((other) => other.name !== name);
  const { lifeboat, replicator } = database.users;
  return {
    region: name,
    dataDirectory: dataOf(context),
    program: known(programs, 'postgres'),
    user: POSTGRES_USER,
    listen: { host, port },
    connection: { database: database.name, user: lifeboat.name, passwordFile: join(secrets, lifeboat.secret) },
    lease: {
      ...database.lease,
      ttl: ttlOf(context),
      aws: { region: STORE_REGION, endpoint: `http://${hosts[THIRD_PLACE]}:${known(ports, 'aws')}` },
    },
    replication: {
      user: replicator.name,
      passwordFile: join(secrets, replicator.secret),
      slot: slotOf(name),
      primaries: Object.fromEntries(
        others.map((other) => [other.name, { host: known(hosts, addressName(other)), port }]),
      ),
    },
    confirmCommits: context.wiring['LAB_CONFIRM_COMMITS'] !== 'false',
    stateFile: stateFileOf(context),
  };
}

/** A new cluster with roles, database and Lifeboat's own schema, made without listening to anybody. */
async function preparePrimary(context: Context, data: string): Promise<void> {
  const { programs, shape, synchronous } = context;
  const { database } = shape;
  const standbys = database.instances.slice(1).map(({ name }) => name);
  const half = `${data}.half`;
  await mkdir(dataHome(context.folder), { recursive: true, mode: 0o711 });
  await freshCluster(known(programs, 'initdb'), half);
  await appendFile(join(half, 'postgresql.conf'), "include 'lifeboat.conf'\n");
  await writeForPostgres(join(half, 'lifeboat.conf'), settings({ waitFor: null }));
  await writeForPostgres(join(half, 'pg_hba.conf'), hostBasedAuthentication(database));
  const passwords = await passwordsOf(context);
  const ttlMs = database.lease === null ? null : milliseconds(ttlOf(context));
  const cluster = { database, passwords, slots: standbys.map(slotOf), ttlMs };
  await runAlone(programs, half, 'postgres', clusterSql(cluster));
  const schema = await readFile(join(GUARD, 'database.sql'), 'utf8');
  await runAlone(programs, half, database.name, `${schema}${applicationSql(database)}`);
  await writeForPostgres(join(half, 'lifeboat.conf'), settings({ waitFor: (synchronous && standbys[0]) || null }));
  await rename(half, data);
}

async function passwordsOf({ secrets, shape }: Context): Promise<Record<DatabaseUser, string>> {
  const { application, lifeboat, replicator } = shape.database.users;
  return {
    application: await readSecret(secrets, application.secret),
    lifeboat: await readSecret(secrets, lifeboat.secret),
    replicator: await readSecret(secrets, replicator.secret),
  };
}

/** Statements for a server that serves nobody else; with `-j` each ends with a semicolon and an empty line. */
async function runAlone(programs: Record<string, string>, data: string, database: string, sql: string): Promise<void> {
  const options = ['-c', 'exit_on_error=true', '-c', 'log_min_messages=error'];
  await asPostgres(known(programs, 'postgres'), ['--single', '-j', ...options, '-D', data, database], sql);
}

/** A copy of the primary that follows it. It never makes commits wait: after its promotion there is nobody to wait for. */
async function prepareStandby(context: Context, { name }: Instance, data: string): Promise<void> {
  const { folder, hosts, ports, programs, shape } = context;
  const half = `${data}.half`;
  const home = dataHome(folder);
  await mkdir(home, { recursive: true, mode: 0o711 });
  const { replicator } = await passwordsOf(context);
  const user = shape.database.users.replicator.name;
  const passwords = join(home, 'replicator.pgpass');
  await writeForPostgres(passwords, `*:*:*:${user}:${replicator}\n`);
  const first = firstInstance(shape);
  const primary = `host=${hosts[addressName(first)]} port=${known(ports, 'postgres')} user=${user} passfile=${passwords}`;
  const source = `${primary} application_name=${name} connect_timeout=2`;
  const from = ['--dbname', source, '--slot', slotOf(name), '--checkpoint', 'fast'];
  // On a busy machine the primary's guard may come too late with the lease, and start its PostgreSQL anew meanwhile.
  await eventually({ what: `a copy of ${first.name}`, withinMs: COPY_WITHIN_MS, everyMs: 500 }, async () => {
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
  const {
    name,
    users: { lifeboat },
  } = context.shape.database;
  const client = new pg.Client({
    host: context.host,
    port: known(context.ports, 'postgres'),
    database: name,
    user: lifeboat.name,
    password: await readSecret(context.secrets, lifeboat.secret),
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
const slotOf = (instance: string) => instance.replaceAll('-', '_');
const dataOf = ({ folder }: Context) => join(dataHome(folder), 'data');
const configurationOf = ({ folder }: Context) => join(folder, 'guard.yaml');
const stateFileOf = ({ folder }: Context) => join(folder, 'guard-state.json');
