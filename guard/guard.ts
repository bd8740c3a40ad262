import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LeaseStore } from '../activities/lease/store.ts';
import { milliseconds } from '../plan/duration.ts';
import type { GuardConfig } from './config.ts';
import { Confirmer } from './confirmer.ts';
import { finalOf, readControl } from './control.ts';
import { isHalfRebuilt } from './data-directory.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Postgres, takesWrites } from './postgres.ts';
import { PromotionRequest } from './promotion-request.ts';
import { Rebuilder } from './rebuilder.ts';
import { Reporter, type State } from './reporter.ts';
import { type Figures, Session } from './session.ts';
import { settingsOf } from './settings.ts';
import { askAgainAfterMs, askedToHandOver, mayGoOn, mayStartPrimary, type Standing, whyWithdraw } from './verdict.ts';

/** What the guard is when its database may not be started. */
const STATES: Partial<Record<Standing['kind'], State>> = { other: 'fenced', 'handed-over': 'handed-over' };

/** How often the role is looked at and the right to take writes is judged. */
const JUDGE_MS = 50;
const BEAT_MS = 500;
const RESTART_MS = 1_000;

/**
 * The parent of one region's PostgreSQL. A standby runs freely; a server that takes writes runs only while the lease
 * names the region and could be renewed within its ttl. What recoveries ask of it, it finds in the lease and beside it:
 * to stop in order and hand over, and to make its data a standby's again.
 */
export class Guard {
  #config: GuardConfig;
  #keeper: LeaseKeeper;
  #session: Session;
  #rebuilder: Rebuilder;
  #report: Reporter;
  #figures: Figures | null = null;
  /** Since when a session holds up the replay of our standby, on the monotonic clock; null when none does. */
  #heldSince: number | null = null;
  #promotion: PromotionRequest | null = null;
  #renewMs: number;
  #stopMs: number;

  constructor(config: GuardConfig, store: LeaseStore, log: Logger) {
    const ttlMs = milliseconds(config.lease.ttl);
    this.#config = config;
    this.#keeper = new LeaseKeeper(store, config.region, ttlMs);
    this.#session = new Session(config);
    this.#rebuilder = new Rebuilder(config, store);
    this.#report = new Reporter(log, config.stateFile);
    this.#renewMs = ttlMs / 4;
    this.#stopMs = Math.min(1_000, ttlMs / 4);
  }

  /** Runs until `told` is aborted; PostgreSQL has ended when it returns. */
  async run(told: AbortSignal): Promise<void> {
    while (!told.aborted) {
      await this.#rebuildIfAsked(told);
      const free = !this.#takesWrites() && !isHalfRebuilt(this.#config.dataDirectory);
      if (!free && !(await this.#mayStart())) await pause(this.#renewMs, told);
      else if (!told.aborted) await this.#serve(told);
    }
    this.#report.state('ended', 'told to stop');
  }

  /** While PostgreSQL does not run. */
  async #rebuildIfAsked(told: AbortSignal): Promise<void> {
    const standing = await this.#keeper.keep(null, false);
    const asked = standing.kind === 'other' ? await this.#rebuilder.asked(standing.lease) : null;
    if (asked === null || standing.kind !== 'other') return;
    this.#report.state('rebuilding', `as a standby of ${asked.primary}, for ${asked.recovery}`);
    this.#report.state('stopped', await this.#rebuilder.rebuild(asked, standing.lease, told));
  }

  async #mayStart(): Promise<boolean> {
    if (isHalfRebuilt(this.#config.dataDirectory)) {
      this.#report.state('fenced', 'its data is half rebuilt; a recovery has to rebuild it');
      return false;
    }
    const standing = await this.#keeper.keep(null, true);
    const verdict = mayStartPrimary({
      region: this.#config.region,
      standing,
      oursForMs: this.#keeper.oursForMs(),
      nowMs: Date.now(),
      apartMs: this.#keeper.apartMs,
      clockSkewMs: milliseconds(this.#config.lease.clockSkew),
    });
    if (standing.kind === 'other') await this.#keeper.announceWaiting();
    if (!verdict.allowed) this.#report.state(STATES[standing.kind] ?? 'waiting', verdict.reason);
    return verdict.allowed;
  }

  /** One life of PostgreSQL, from start to end. */
  async #serve(told: AbortSignal): Promise<void> {
    const settings = await settingsOf(this.#config).catch((error: Error) => error.message);
    if (typeof settings === 'string') {
      this.#report.state('waiting', settings);
      return await pause(RESTART_MS, told);
    }
    this.#report.state('starting', this.#takesWrites() ? 'as primary, the lease is ours' : 'as standby');
    this.#heldSince = null;
    this.#promotion = new PromotionRequest(this.#config.dataDirectory);
    const postgres = new Postgres(this.#config, settings);
    const confirmer = this.#config.confirmCommits ? new Confirmer(this.#config, () => this.#mayConfirm()) : null;
    const over = new AbortController();
    const loops = [
      this.#renewing(over.signal),
      this.#beating(confirmer, over.signal),
      confirmer?.run(() => this.#takesWrites()),
    ];
    const reason = await this.#end(postgres, confirmer, told, over.signal);
    over.abort();
    confirmer?.close();
    this.#session.close();
    this.#promotion.close();
    await Promise.all(loops);
    const fatal = await postgres.lastFatal();
    if (fatal !== null) await this.#keeper.announceFailure(fatal);
    this.#report.state('stopped', fatal === null ? reason : `${reason}: ${fatal}`);
    await pause(RESTART_MS, told);
  }

  /** Waits for a reason to end and ends it. Answers the reason when PostgreSQL has ended. */
  async #end(postgres: Postgres, confirmer: Confirmer | null, told: AbortSignal, over: AbortSignal): Promise<string> {
    const judged = this.#judging(over);
    const must = confirmer === null ? judged : Promise.race([judged, confirmer.lost]);
    const asked = this.#asked(over);
    const reason = await Promise.race([postgres.ended, must, asked, aborted(told)]);
    const inOrder = told.aborted || (await Promise.race([asked, null])) === reason;
    this.#report.state('stopping', reason);
    const stopNow = () => {
      confirmer?.close();
      return postgres.stopNow(this.#stopMs / 2);
    };
    await (inOrder ? stopInOrder(postgres, must, stopNow) : stopNow());
    if (inOrder && !told.aborted && this.#takesWrites()) await this.#handOver();
    return reason;
  }

  /** Kept up until its PostgreSQL has been killed, should it not end by itself. */
  #mayConfirm(): boolean {
    const { region } = this.#config;
    const { standing } = this.#keeper;
    const remainingMs = this.#keeper.remainingMs();
    return mayGoOn({ region, takesWrites: true, standing, remainingMs, stopMs: this.#stopMs / 2 }).allowed;
  }

  /** A database that did not stop in order is started again, and asked again. */
  async #handOver(): Promise<void> {
    const final = await readControl(this.#config).then(finalOf, () => null);
    if (final !== null) await this.#keeper.handOver(final);
  }

  async #renewing(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const standing = await this.#keeper.keep(this.#figures, this.#takesWrites());
      await pause(askAgainAfterMs(standing, this.#renewMs), over);
    }
  }

  /** Writes the heartbeat and reads the figures, apart from renewing: a database that hangs must not cost the lease. */
  async #beating(confirmer: Confirmer | null, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        const beat = await this.#session.beat();
        this.#figures = beat.role === 'primary' ? beat.figures : null;
        this.#heldSince = beat.role === 'standby' && beat.held ? (this.#heldSince ?? performance.now()) : null;
        if (this.#figures === null) this.#report.state('standby', 'replays');
        else this.#report.state('primary', primaryDetail(this.#figures, confirmer));
      } catch (error) {
        this.#figures = null;
        this.#report.oddity(error);
      }
      await pause(BEAT_MS, over);
    }
  }

  /** Answers why PostgreSQL must not go on, as soon as it must not. */
  async #judging(over: AbortSignal): Promise<string> {
    let wrote = this.#takesWrites();
    while (!over.aborted) {
      const takesWritesNow = this.#takesWrites();
      // Promoted: whatever was known of the lease is too old to go on with.
      if (takesWritesNow && !wrote) await this.#keeper.keep(null, false);
      wrote = takesWritesNow;
      const verdict = mayGoOn({
        region: this.#config.region,
        takesWrites: takesWritesNow,
        standing: this.#keeper.standing,
        remainingMs: this.#keeper.remainingMs(),
        stopMs: this.#stopMs,
      });
      if (!verdict.allowed) return verdict.reason;
      await pause(JUDGE_MS, over);
    }
    return 'ended';
  }

  /** Answers what a recovery asks of a PostgreSQL that runs, for which it has to stop in order. */
  async #asked(over: AbortSignal): Promise<string> {
    while (!over.aborted) {
      const { standing } = this.#keeper;
      const recovery = askedToHandOver(this.#takesWrites(), standing);
      if (recovery !== null) return `asked to hand over by the recovery ${recovery}`;
      const withdrawn = this.#whyWithdraw(standing);
      if (withdrawn !== null) return withdrawn;
      if (standing.kind === 'other' && !this.#takesWrites()) {
        const asked = await this.#rebuilder.asked(standing.lease);
        if (asked !== null) return `to be rebuilt as a standby of ${asked.primary}, for ${asked.recovery}`;
      }
      await pause(this.#renewMs / 4, over);
    }
    return 'ended';
  }

  #whyWithdraw(standing: Standing): string | null {
    const asked = this.#promotion?.seen ?? false;
    const heldForMs = this.#heldSince === null ? 0 : performance.now() - this.#heldSince;
    return whyWithdraw({ takesWrites: this.#takesWrites(), asked, standing, heldForMs });
  }

  #takesWrites(): boolean {
    return takesWrites(this.#config.dataDirectory);
  }
}

/** Sends all its log to the standbys before it ends, but not for longer than the right to write lasts. */
async function stopInOrder(postgres: Postgres, must: Promise<string>, stopNow: () => Promise<void>): Promise<void> {
  const stopped = postgres.shutDown();
  const late = await Promise.race([stopped.then(() => null), must]);
  if (late !== null) await stopNow();
  await stopped;
}

function primaryDetail({ timeline }: Figures, confirmer: Confirmer | null): string {
  if (confirmer === null || confirmer.trouble === null) return `takes writes on timeline ${timeline}`;
  return `is on timeline ${timeline}, and commits wait for the guard: ${confirmer.trouble}`;
}

/** Sleeps, at most until `signal` is aborted. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => {});
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('told to stop'), { once: true });
    if (signal.aborted) resolve('told to stop');
  });
}
