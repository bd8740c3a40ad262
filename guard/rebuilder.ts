import { existsSync } from 'node:fs';
import type { Lease } from '../activities/lease/lease.ts';
import { type Rebuild, whyNotRebuild } from '../activities/lease/rebuild.ts';
import type { LeaseStore } from '../activities/lease/store.ts';
import type { GuardConfig } from './config.ts';
import { type Control, readControl } from './control.ts';
import {
  becomeStandby,
  emptyDirectory,
  forgetLaterTimelines,
  keepCopy,
  keptOf,
  markHalfRebuilt,
  markRebuilt,
  replaceBy,
} from './data-directory.ts';
import { runProgram } from './programs.ts';
import { connectionString, prepareSource, type Source, sourceOf } from './source.ts';

/**
 * Makes a database that has lost the lease a standby of the region that has it, when a recovery asks. PostgreSQL must
 * not run meanwhile. Data is changed only once it has been kept aside.
 */
export class Rebuilder {
  #config: GuardConfig;
  #store: LeaseStore;

  constructor(config: GuardConfig, store: LeaseStore) {
    this.#config = config;
    this.#store = store;
  }

  /** What a recovery asks of this region under this lease; null when nothing, or when it cannot be told. */
  async asked(lease: Lease): Promise<Rebuild | null> {
    const stored = await this.#store.readRebuild(this.#config.region).catch(() => null);
    if (stored === null || whyNotRebuild(this.#config.region, lease, stored.rebuild) !== null) return null;
    return stored.rebuild;
  }

  /** Does what is asked, and says what came of it where it was asked. Answers one sentence. */
  async rebuild(asked: Rebuild, lease: Lease, told: AbortSignal): Promise<string> {
    await this.#say(asked, 'working', `following ${asked.primary}`);
    try {
      const detail = await this.#standbyOf(asked, lease, told);
      await this.#say(asked, 'done', detail);
      return detail;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A guard that is told to stop begins again when it is started again.
      if (!told.aborted) await this.#say(asked, 'failed', reason);
      return reason;
    }
  }

  /** Only of the request that it was: a newer one is not overwritten. */
  async #say(asked: Rebuild, state: Rebuild['state'], detail: string): Promise<void> {
    const { region } = this.#config;
    const stored = await this.#store.readRebuild(region);
    if (stored?.rebuild.recovery !== asked.recovery || stored.rebuild.way !== asked.way) return;
    await this.#store.writeRebuild(region, { ...asked, state, detail, at: new Date().toISOString() }, stored.etag);
  }

  async #standbyOf(asked: Rebuild, lease: Lease, told: AbortSignal): Promise<string> {
    const { dataDirectory, region } = this.#config;
    const source = await sourceOf(this.#config, asked.primary);
    const control = existsSync(dataDirectory) ? await readControl(this.#config).catch(() => null) : null;
    await prepareSource(source);
    await markHalfRebuilt(dataDirectory, `by ${asked.recovery}, to follow ${asked.primary}`);
    const how = await this.#bringBack(asked, source, waysBack(asked, region, lease, control), told);
    await becomeStandby(dataDirectory, region, source);
    await markRebuilt(dataDirectory);
    return how;
  }

  async #bringBack(asked: Rebuild, source: Source, ways: Way[], told: AbortSignal): Promise<string> {
    const kept = keptOf(this.#config.dataDirectory, asked.epoch);
    let before = '';
    for (const way of ways) {
      if (way === 'follow') return `it had shut down cleanly and follows ${asked.primary} with its data as it is`;
      try {
        if (way === 'rewind') return `${before}${await this.#rewind(asked, source, kept, told)}`;
        return `${before}${await this.#copy(asked, source, kept, told)}`;
      } catch (error) {
        if (way === ways.at(-1) || told.aborted) throw error;
        before = `${error instanceof Error ? error.message : error}; `;
      }
    }
    throw new Error('there is no way to rebuild it');
  }

  async #rewind(asked: Rebuild, source: Source, kept: string, signal: AbortSignal): Promise<string> {
    const { dataDirectory } = this.#config;
    await keepCopy(dataDirectory, kept);
    const server = connectionString(source, { dbname: source.database });
    const args = ['--target-pgdata', dataDirectory, '--source-server', server];
    await runProgram(this.#config, 'pg_rewind', args, { env: { PGPASSWORD: source.password }, signal });
    await forgetLaterTimelines(dataDirectory, (await readControl(this.#config)).timeline);
    return `pg_rewind to the divergence point with ${asked.primary} succeeded; the previous data directory is kept in ${kept}`;
  }

  async #copy(asked: Rebuild, source: Source, kept: string, signal: AbortSignal): Promise<string> {
    const { dataDirectory } = this.#config;
    const fresh = `${dataDirectory}.fresh`;
    await emptyDirectory(fresh, existsSync(dataDirectory) ? dataDirectory : kept);
    const from = ['--dbname', connectionString(source), '--slot', source.slot, '--checkpoint', 'fast'];
    const args = [...from, '--pgdata', fresh];
    await runProgram(this.#config, 'pg_basebackup', args, { env: { PGPASSWORD: source.password }, signal });
    await replaceBy(fresh, dataDirectory, kept);
    return `pg_basebackup from ${asked.primary} succeeded; the previous data directory is kept in ${kept}`;
  }
}

export type Way = 'follow' | 'rewind' | 'copy';

/**
 * The ways to try, in their order. Data that ends where the lease says that the region handed over has nothing that the
 * primary has not; any other may have, and is rewound, which needs a data directory that can be read.
 */
export function waysBack(asked: Pick<Rebuild, 'way'>, region: string, lease: Lease, control: Control | null): Way[] {
  if (asked.way === 'copy' || control === null) return ['copy'];
  const { previous } = lease;
  const final = previous?.holder === region ? previous.final : null;
  const ended = control.shutDown && control.checkpoint === final?.walPosition && control.timeline === final.timeline;
  return ended ? ['follow'] : ['rewind', 'copy'];
}
