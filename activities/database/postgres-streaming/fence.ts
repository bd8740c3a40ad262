import { ApplicationFailure } from '@temporalio/common';
import type { FenceResult, Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { type Evidence, proofOfStop } from '../../lease/proof.ts';
import { type Taken, takeLease } from '../../lease/take.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { claimOf, type LeaseAccess, withLease } from './lease-access.ts';
import { stillWritable } from './still-writable.ts';

/** Tries of a store that does not answer, before the fence is put to a gate. */
const TRIES = 3;

/**
 * Takes the lease for `to` and waits until it is proved that the database in `from` can take writes no more: its guard
 * has been without the lease for a whole ttl, and it is not seen to take writes. Without a lease, or without the store
 * that keeps it, nothing is proved and the answer says so. What people decide changes nothing here: what can be fenced is
 * fenced either way. Where a lease is configured and cannot be taken, nothing may be promoted, either.
 *
 * @throws LeaseLost when a later recovery has the lease, AlreadyServing when `to` takes writes already
 */
export async function fence(step: Step, deps: Deps): Promise<FenceResult> {
  const deadline = stepDeadline();
  return await withLease(step.component, step.to, async (access) => {
    if (access === null) return await withoutProof(step, deps, 'no lease is configured', null);
    const taken = await take(step, access);
    if (typeof taken === 'string') return await withoutProof(step, deps, taken, `the lease is not taken: ${taken}`);
    return await fenced(step, deps, access, taken, deadline);
  });
}

/** Takes the lease; one sentence when the store cannot be asked. */
async function take(step: Step, access: LeaseAccess): Promise<Taken | string> {
  let why = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      return await takeLease(access.store, claimOf(step, access.ttlMs));
    } catch (error) {
      if (error instanceof ApplicationFailure) throw error;
      why = error instanceof Error ? error.message : String(error);
    }
  }
  return why;
}

async function fenced(
  step: Step,
  deps: Deps,
  { clockSkewMs }: LeaseAccess,
  { lease, apartMs, changed }: Taken,
  deadline: number,
): Promise<FenceResult> {
  const { previous } = lease;
  const lastKnown = previous && {
    renewedAt: previous.renewedAt,
    walPosition: previous.walPosition,
    timeline: previous.timeline,
  };
  const proof = await waitForProof({ previous, apartMs, clockSkewMs }, deadline);
  const writable = await stillWritable(step.component, step.from, deps);
  const proved = proof.proved && writable === null;
  const evidence = writable ?? proof.evidence;
  const detail = `the lease names ${step.to}; ${evidence}`;
  return { changed, detail, proved, evidence, obstacle: null, lastKnown };
}

async function waitForProof(known: Pick<Evidence, 'previous' | 'apartMs' | 'clockSkewMs'>, deadline: number) {
  const seenTakenAt = performance.now();
  const wait = { what: 'proof that the old primary has stopped', timeoutMs: leftMs(deadline), everyMs: 100 };
  return await until(wait, async (note) => {
    const seenTakenForMs = performance.now() - seenTakenAt;
    const proof = proofOfStop({ ...known, seenTakenForMs, nowMs: Date.now() });
    note(proof.evidence);
    return proof.proved || proof.waitMs === null ? proof : undefined;
  });
}

async function withoutProof(
  step: Step,
  deps: Deps,
  why: string,
  obstacle: FenceResult['obstacle'],
): Promise<FenceResult> {
  const writable = await stillWritable(step.component, step.from, deps);
  const seen = writable ?? `${step.from} is not seen to take writes from here, which proves nothing`;
  const evidence = `${why}; ${seen}`;
  return { changed: false, detail: `not proved: ${evidence}`, proved: false, evidence, obstacle, lastKnown: null };
}
