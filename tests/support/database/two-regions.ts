import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type LeaseStore, s3LeaseStore } from '../../../activities/lease/store.ts';
import { eventually } from '../../../lab/eventually.ts';
import { httpGet } from '../../../lab/http.ts';
import { THIRD_PLACE } from '../../../lab/places.ts';
import { allotPorts } from '../../../lab/ports.ts';
import { makeSecrets, readSecret } from '../../../lab/secrets.ts';
import type { Context } from '../../../lab/service.ts';
import { postgres } from '../../../lab/services/postgres.ts';
import { dataHome } from '../../../lab/services/postgres-files.ts';
import { startService } from '../../../lab/start-service.ts';
import { endAll, type ProcessRecord, recordsIn, signalAll, startProgram } from '../../../lab/supervisor.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import {
  APPLICATION_SECRET,
  hostsOfSlot,
  LIFEBOAT_SECRET,
  type Place,
  PRIMARY,
  REGIONS,
  type Region,
  STANDBY,
  twoSites,
} from '../lab/shape.ts';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lifeboat');
export const POSTGRESQL = '/usr/lib/postgresql/15/bin';

/** Real PostgreSQL in two regions under their guards, and object storage in the third place. */
export class TwoRegions {
  folder = '';
  hosts: Record<Place, string> = hostsOfSlot(0);
  ports: Record<string, number> = {};
  synchronous = false;
  /** Takes effect with the next start of a region. */
  confirmCommits = true;
  /** How long the lease lasts, in milliseconds. */
  ttlMs = 4_000;

  static async start({
    synchronous = false,
    confirmCommits = true,
    only = REGIONS as readonly Region[],
    ttlMs = 4_000,
  } = {}): Promise<TwoRegions> {
    // Where the SDK in this process looks for credentials; storage here takes any.
    Object.assign(process.env, AWS);
    const regions = new TwoRegions();
    regions.synchronous = synchronous;
    regions.confirmCommits = confirmCommits;
    regions.ttlMs = ttlMs;
    regions.folder = await mkdtemp(join(tmpdir(), 'lifeboat-two-regions-'));
    await chmod(regions.folder, 0o755);
    // Slots of labs start at 0; tests stay out of their way.
    regions.hosts = hostsOfSlot(randomInt(201, 255));
    regions.ports = await allotPorts(
      ['postgres', 'aws'].map((name) => ({
        name,
        preferred: randomInt(20_000, 60_000),
        hosts: Object.values(regions.hosts),
      })),
    );
    try {
      await makeSecrets(regions.secrets, twoSites);
      await regions.startStorage();
      for (const region of only) await regions.startRegion(region);
    } catch (error) {
      await regions.end();
      throw error;
    }
    return regions;
  }

  get secrets(): string {
    return join(this.folder, 'secrets');
  }

  get lease() {
    return {
      bucket: 'lifeboat',
      key: twoSites.database.lease.key,
      aws: { region: 'us-east-2', endpoint: `http://${this.hosts[THIRD_PLACE]}:${this.ports['aws']}` },
    };
  }

  store(timeoutMs = 6_000): LeaseStore {
    return s3LeaseStore(this.lease, timeoutMs);
  }

  /** The plan's database component as this place wires it. */
  component(): WiredComponent {
    const port = this.ports['postgres'] ?? 0;
    return {
      name: 'database',
      kind: 'database',
      provider: 'postgres-streaming',
      dependsOn: [],
      wiring: {
        shared: {
          database: twoSites.database.name,
          user: 'lifeboat',
          passwordSecret: LIFEBOAT_SECRET,
          tls: 'disable',
          replication: this.synchronous ? 'synchronous' : 'asynchronous',
          lease: { ...this.lease, ttl: `${this.ttlMs}ms`, clockSkew: '500ms' },
        },
        regions: Object.fromEntries(REGIONS.map((region) => [region, { host: this.hosts[region], port }])),
      },
    };
  }

  async startStorage(): Promise<void> {
    const host = this.hosts[THIRD_PLACE];
    const command = join(CACHE, 'moto-5.2.5', 'bin', 'moto_server');
    if (!existsSync(command)) throw new Error(`${command} is missing; \`npm run lab -- up\` sets it up`);
    startProgram(
      `${THIRD_PLACE}/aws`,
      { name: 'moto', command, args: ['-H', host, '-p', `${this.ports['aws']}`], env: AWS },
      join(this.folder, 'aws'),
    );
    const url = `http://${host}:${this.ports['aws']}/moto-api/data.json`;
    await eventually({ what: 'object storage', withinMs: 20_000 }, () => httpGet({ url }));
  }

  async startRegion(region: Region): Promise<void> {
    await startService(postgresIn(region), this.context(region));
  }

  context(region: Region): Context {
    const programs = ['postgres', 'initdb', 'pg_basebackup'].map((name) => [name, join(POSTGRESQL, name)]);
    const { folder: labFolder, hosts, ports, secrets, synchronous } = this;
    const folder = join(labFolder, region, 'postgres');
    const store = { LAB_C_HOST: hosts[THIRD_PLACE], LAB_AWS_PORT: `${ports['aws']}`, ...AWS };
    const wiring = { ...store, LAB_CONFIRM_COMMITS: `${this.confirmCommits}`, LAB_LEASE_TTL: `${this.ttlMs}ms` };
    const known = {
      lab: 'test',
      shape: twoSites,
      labFolder,
      folder,
      host: hosts[region],
      hosts,
      ports,
      secrets,
      synchronous,
    };
    return { ...known, programs: Object.fromEntries(programs), wiring };
  }

  /** The processes of a region, or of the third place, as the supervisor recorded them. */
  records(place: Place): ProcessRecord[] {
    return recordsIn(join(this.folder, place === THIRD_PLACE ? 'aws' : place));
  }

  signal(place: Place, signal: NodeJS.Signals): void {
    signalAll(this.records(place), signal);
  }

  guardState(region: Region): string {
    return join(this.folder, region, 'postgres', 'guard-state.json');
  }

  /** The region's data directory, and what is kept beside it. */
  data(region: Region): string {
    return join(dataHome(join(this.folder, region, 'postgres')), 'data');
  }

  /** A session of the application; the caller ends it. */
  async connect(
    region: Region,
    user: 'application' | 'lifeboat' = 'application',
    { queryMs = 10_000, connectMs = 6_000, options = '' } = {},
  ): Promise<pg.Client> {
    const secret = user === 'application' ? APPLICATION_SECRET : LIFEBOAT_SECRET;
    const client = new pg.Client({
      host: this.hosts[region],
      port: this.ports['postgres'] ?? 0,
      database: twoSites.database.name,
      user,
      password: await readSecret(this.secrets, secret),
      connectionTimeoutMillis: connectMs,
      query_timeout: queryMs,
      options,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** One statement in a session of its own. */
  async sql<T extends pg.QueryResultRow>(region: Region, text: string, values: unknown[] = []): Promise<T[]> {
    const client = await this.connect(region);
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      client.end().catch(() => {});
    }
  }

  async end(): Promise<void> {
    await endAll(recordsIn(this.folder));
    await Promise.all(REGIONS.map((region) => postgresIn(region).release?.(this.context(region))));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const postgresIn = (site: Region) => postgres(twoSites, { kind: 'postgres', site });

const AWS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_EC2_METADATA_DISABLED: 'true' };

export { type Place, PRIMARY, type Region, STANDBY, THIRD_PLACE };
