import type { Lease, Term } from '../activities/lease/lease.ts';
import type { LeaseStore, Stored } from '../activities/lease/store.ts';
import type { Figures } from './session.ts';
import type { Standing } from './verdict.ts';

/** Another writer may come between reading and writing; more often than this in a row it is not by chance. */
const ATTEMPTS = 3;

/** What is written into a lease as it is renewed; what is not said stays as it was. */
type Said = Partial<Figures> & { final?: NonNullable<Term['final']> };

/** What replicated synchronously before may not now: without figures it is not known. */
const UNKNOWN = { synchronousStandbys: null };

const NO_RIGHT = { monotonic: Number.NEGATIVE_INFINITY, ofDay: Number.NEGATIVE_INFINITY };

/**
 * Keeps a region's lease: renews it while it names the region, and knows how long the right to take writes lasts. The
 * right is counted from before a renewal was sent, so that a slow answer does not make it longer, and on two clocks: the
 * monotonic one, which nobody sets, and that of the day, which goes on while a virtual machine is paused.
 */
export class LeaseKeeper {
  standing: Standing = { kind: 'unknown', reason: 'not asked yet' };
  #store: LeaseStore;
  #region: string;
  #ttlMs: number;
  #stored: Stored | null = null;
  #rightUntil = NO_RIGHT;
  #oursSince = Number.POSITIVE_INFINITY;
  /** One at a time: an older answer must not replace a newer one. */
  #turn: Promise<Standing> = Promise.resolve(this.standing);

  constructor(store: LeaseStore, region: string, ttlMs: number) {
    this.#store = store;
    this.#region = region;
    this.#ttlMs = ttlMs;
  }

  /** Milliseconds of right that are left; negative when it is over. */
  remainingMs(): number {
    return Math.min(this.#rightUntil.monotonic - performance.now(), this.#rightUntil.ofDay - Date.now());
  }

  /** Milliseconds since the lease was first seen to be ours; negative infinity when it is not. */
  oursForMs(): number {
    return performance.now() - this.#oursSince;
  }

  /** How far our clock is from the store's, as `proofOfStop` takes it. */
  get apartMs(): number | null {
    return this.#stored?.apartMs ?? null;
  }

  /** Says that this region would take the lease if it were given. Nothing depends on it but an offer to give it back. */
  async announceWaiting(): Promise<void> {
    await this.#store.announceWaiting(this.#region).catch(() => {});
  }

  /** Says why PostgreSQL ended by itself, for recoveries that wait for it. */
  async announceFailure(reason: string): Promise<void> {
    await this.#store.announceFailure(this.#region, reason).catch(() => {});
  }

  /**
   * Asks what the lease says, renews it when it is ours, and creates it when there is none and `create` says so.
   *
   * @param figures what the database says of itself; null keeps what the lease says
   */
  keep(figures: Figures | null, create: boolean): Promise<Standing> {
    return this.#next({ ...(figures ?? UNKNOWN) }, create);
  }

  /** Says where the log of a database ended that has stopped in order, if that is still asked for. */
  handOver(final: NonNullable<Term['final']>): Promise<Standing> {
    return this.#next({ ...final, synchronousStandbys: null, final }, false);
  }

  #next(said: Said, create: boolean): Promise<Standing> {
    this.#turn = this.#turn.then(() => this.#ask(said, create));
    return this.#turn;
  }

  async #ask(said: Said, create: boolean): Promise<Standing> {
    try {
      this.standing = await this.#attempt(said, create, ATTEMPTS);
    } catch (error) {
      this.#stored = null;
      this.standing = { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
      return this.standing;
    }
    if (this.standing.kind !== 'ours') this.#forget();
    return this.standing;
  }

  async #attempt(said: Said, create: boolean, left: number): Promise<Standing> {
    if (left === 0) throw new Error('the lease changes faster than it can be renewed');
    const stored = this.#stored ?? (await this.#store.read());
    if (stored === null && !create) return { kind: 'none' };
    if (stored !== null && stored.lease.holder !== this.#region) return { kind: 'other', lease: stored.lease };
    // Nothing is written to a lease that was handed over: whoever asked for it is about to take it.
    if (stored !== null && stored.lease.final !== null) return { kind: 'handed-over', lease: stored.lease };
    return (await this.#renew(stored, said)) ?? this.#attempt(said, create, left - 1);
  }

  async #renew(stored: Stored | null, said: Said): Promise<Standing | null> {
    const until = { monotonic: performance.now() + this.#ttlMs, ofDay: Date.now() + this.#ttlMs };
    const lease = renewed(stored?.lease ?? firstLease(this.#region), said, this.#ttlMs);
    const etag = await this.#store.write(lease, stored?.etag ?? null);
    this.#stored = etag === null ? null : { lease, etag, apartMs: stored?.apartMs ?? null, ageMs: null };
    if (etag === null) return null;
    if (lease.final !== null) return { kind: 'handed-over', lease };
    this.#rightUntil = until;
    this.#oursSince = Math.min(this.#oursSince, performance.now());
    return { kind: 'ours', lease };
  }

  #forget(): void {
    this.#stored = null;
    this.#rightUntil = NO_RIGHT;
    this.#oursSince = Number.POSITIVE_INFINITY;
  }
}

function firstLease(holder: string): Omit<Lease, 'renewedAt' | 'ttlMs'> {
  const unknown = {
    storedAt: null,
    walPosition: null,
    timeline: null,
    synchronousStandbys: null,
    parameters: null,
    notReplicated: null,
    final: null,
  };
  return { holder, epoch: 1, recovery: null, previous: null, handOver: null, ...unknown };
}

function renewed(lease: Omit<Lease, 'renewedAt' | 'ttlMs'>, { final, ...figures }: Said, ttlMs: number): Lease {
  const handedOver = final !== undefined && lease.handOver !== null ? { final } : {};
  return { ...lease, ...figures, ...handedOver, renewedAt: new Date().toISOString(), ttlMs };
}
