import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { httpGet } from '../../lab/http.ts';
import { THIRD_PLACE } from '../../lab/places.ts';
import { allotPorts } from '../../lab/ports.ts';
import { processEntry } from '../../lab/process-table.ts';
import { known } from '../../lab/service.ts';
import { commandAsPostgres, giveToPostgres, writeForPostgres } from '../../lab/services/postgres-files.ts';
import { releasePostgres } from '../../lab/services/postgres-release.ts';
import { settings } from '../../lab/services/postgres-settings.ts';
import { ensureTools } from '../../lab/setup/index.ts';
import { hostsOf } from '../../lab/shapes/shape.ts';
import { PRIMARY, REGIONS, type Region, STANDBY, twoSites } from '../../lab/shapes/two-sites.ts';
import { endAll, type ProcessRecord, recordsIn, signalAll, startProgram } from '../../lab/supervisor.ts';
import type { Pair } from './pair.ts';
import { ask, type Server } from './session.ts';

const READY_MS = 120_000;

/** By Patroni's own names, in seconds. */
export interface Timing {
  ttl: number;
  loop_wait: number;
  retry_timeout: number;
}

/** What a cluster stands on. */
interface Ground {
  folder: string;
  hosts: Record<string, string>;
  ports: Record<string, number>;
  programs: Record<string, string>;
  password: string;
}

/**
 * Debian's Patroni over two PostgreSQL servers with the lab's own settings, and etcd, in which they agree, in a third
 * place.
 */
export class PatroniPair implements Pair {
  readonly #ground: Ground;
  readonly #timing: Timing;

  private constructor(ground: Ground, timing: Timing) {
    this.#ground = ground;
    this.#timing = timing;
  }

  static async start(timing: Timing): Promise<PatroniPair> {
    const programs = await ensureTools(['patroni', 'postgresql-15', 'etcd', 'util-linux']);
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-patroni-'));
    await chmod(folder, 0o755);
    // Slots of labs start at 0.
    const hosts = hostsOf(twoSites, randomInt(201, 255));
    const names = ['postgres', 'patroni', 'etcd', 'etcd-peer'];
    const ports = await allotPorts(
      names.map((name) => ({ name, preferred: randomInt(20_000, 30_000), hosts: Object.values(hosts) })),
    );
    const password = randomBytes(24).toString('base64url');
    const cluster = new PatroniPair({ folder, hosts, ports, programs, password }, timing);
    try {
      await cluster.#bringUp();
      return cluster;
    } catch (error) {
      await cluster.end();
      throw error;
    }
  }

  get old(): Server {
    return this.#server(PRIMARY);
  }

  get next(): Server {
    return this.#server(STANDBY);
  }

  /** PostgreSQL, its backends and its Patroni. */
  async kill(): Promise<number> {
    const victims = [...this.#records(PRIMARY), await this.#postmaster(PRIMARY)];
    const killedAt = Date.now();
    signalAll(victims, 'SIGKILL');
    return killedAt;
  }

  async account(): Promise<null> {
    return null;
  }

  async end(): Promise<void> {
    const { folder } = this.#ground;
    const postmasters = await Promise.all(REGIONS.map((region) => this.#postmaster(region).catch(() => null)));
    // Patroni would start again what is ended before it.
    await endAll(recordsIn(folder));
    await endAll(postmasters.filter((record) => record !== null));
    await Promise.all(REGIONS.map((region) => releasePostgres(join(folder, region))));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #bringUp(): Promise<void> {
    await this.#startEtcd();
    await this.#startNode(PRIMARY);
    await this.#ready('the primary', async () => {
      const [row] = await ask<{ standby: boolean }>(this.old, 'select pg_is_in_recovery() as standby');
      if (row?.standby !== false) throw new Error('it takes no writes yet');
    });
    await this.#startNode(STANDBY);
    await this.#ready('the standby', async () => {
      const rows = await ask<{ state: string }>(this.old, 'select state from pg_stat_replication');
      if (!rows.some(({ state }) => state === 'streaming')) throw new Error('it does not stream yet');
    });
  }

  #server(region: Region): Server {
    const { hosts, ports, password } = this.#ground;
    const connection = { host: known(hosts, region), port: known(ports, 'postgres') };
    return { name: region, connection: { ...connection, database: 'postgres', user: 'postgres', password } };
  }

  async #startEtcd(): Promise<void> {
    const { folder, hosts, ports, programs } = this.#ground;
    const host = hosts[THIRD_PLACE];
    const [clients, peers] = ['etcd', 'etcd-peer'].map((port) => `http://${host}:${ports[port]}`) as [string, string];
    const args = [
      ...['--name', 'bench', '--data-dir', join(folder, 'etcd-data'), '--log-level', 'warn'],
      ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `bench=${peers}`],
    ];
    startProgram('etcd', { name: 'etcd', command: known(programs, 'etcd'), args }, join(folder, 'etcd'));
    await this.#ready('etcd', () => httpGet({ url: `${clients}/health` }));
  }

  async #startNode(region: Region): Promise<void> {
    const { folder, programs } = this.#ground;
    const home = join(folder, region);
    await mkdir(home);
    await giveToPostgres(home);
    const configuration = join(home, 'patroni.yml');
    await writeForPostgres(configuration, stringify(this.#configuration(region, home)));
    const program = commandAsPostgres(known(programs, 'patroni'), [configuration]);
    startProgram(region, { name: 'patroni', ...program }, home);
  }

  #configuration(region: Region, home: string) {
    const { hosts, ports, programs, password } = this.#ground;
    const at = (port: string) => `${hosts[region]}:${ports[port]}`;
    const listens = (port: string) => ({ listen: at(port), connect_address: at(port) });
    return {
      scope: 'bench',
      name: region,
      restapi: listens('patroni'),
      etcd3: { host: `${hosts[THIRD_PLACE]}:${ports['etcd']}` },
      bootstrap: {
        dcs: { ...this.#timing, postgresql: { use_slots: true, parameters: parameters() } },
        initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
        pg_hba: ['all', 'replication'].map((database) => `host ${database} all 127.0.0.0/8 scram-sha-256`),
      },
      postgresql: {
        ...listens('postgres'),
        data_dir: join(home, 'data'),
        bin_dir: join(known(programs, 'postgres'), '..'),
        pgpass: join(home, 'pgpass'),
        authentication: {
          superuser: { username: 'postgres', password },
          replication: { username: 'replicator', password },
        },
      },
    };
  }

  /**
   * PostgreSQL is no descendant of Patroni, which lets go of it, and leads no session: it is what is left of one whose
   * leader has ended.
   */
  async #postmaster(region: Region): Promise<ProcessRecord> {
    const file = join(this.#ground.folder, region, 'data', 'postmaster.pid');
    const entry = processEntry(Number((await readFile(file, 'utf8')).split('\n')[0]));
    if (entry === undefined) throw new Error(`PostgreSQL of ${region} does not run`);
    return { service: region, program: 'postgres', pid: entry.session, startTime: '', log: '', graceMs: 0 };
  }

  #records(region: Region): ProcessRecord[] {
    return recordsIn(join(this.#ground.folder, region), 0);
  }

  async #ready(what: string, look: () => Promise<unknown>): Promise<void> {
    await eventually({ what, withinMs: READY_MS }, look);
  }
}

/** The lab's settings, as Patroni wants them; what it decides by itself it leaves out. */
function parameters(): Record<string, string> {
  const lines = settings({ waitFor: null }).split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/ = (.*)/);
      return [name, value.replace(/^'(.*)'$/, '$1')];
    }),
  );
}
