import { notReplicatedText } from '../../../plan/not-replicated.ts';
import { lowerParameters } from '../../../plan/promotable.ts';
import type { PromotionResult, PromotionStep } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { refusal } from '../../fault.ts';
import type { Lease } from '../../lease/lease.ts';
import { stepDeadline } from '../../step-time.ts';
import { type Ask, withDatabase } from './connection.ts';
import { namingFailure } from './last-failure.ts';
import { type LeaseAccess, requireLease, withLease } from './lease-access.ts';
import { measureLoss } from './loss.ts';
import { POOLED } from './pooler.ts';
import { promoteOnceFree } from './promotion.ts';
import { promotionOf, recorded } from './promotion-record.ts';
import { type ServerState, serverState } from './server-state.ts';

/** All that one attempt knows. */
interface Attempt {
  step: PromotionStep;
  deps: Deps;
  access: LeaseAccess | null;
  deadline: number;
}

/**
 * Makes the standby in `to` a primary, once: a repeat finds it promoted and answers the same figures. The lease is
 * asked just before, so that a step that comes late promotes nothing, and just after, so that nobody is told of a
 * promotion that a later recovery has undone.
 *
 * @throws StandbyMissing, StandbyNotPromotable, WrongTimeline, LeaseLost (refusals); NotReached (to be tried again)
 */
export async function promote(step: PromotionStep, deps: Deps): Promise<PromotionResult> {
  const deadline = stepDeadline();
  return await withLease(step.component, step.to, (access) =>
    namingFailure(access, step.to, async () => {
      const attempt = { step, deps, access, deadline };
      const before = await inDatabase(attempt, serverState);
      if (before.pooled) throw refusal('WiringInvalid', `the database in ${step.to}: ${POOLED}`);
      const lease = access && (await requireLease(access, step));
      if (before.role === 'primary') return await promotedAlready(attempt, before, lease);
      refuseWrongTimeline(step, before, lease);
      refuseNotPromotable(step, before, lease);
      return await promoteStandby(attempt, before, lease);
    }),
  );
}

function inDatabase<T>({ step, deps }: Attempt, use: (ask: Ask) => Promise<T>): Promise<T> {
  return withDatabase(step.component, step.to, deps.secrets, use);
}

/** @throws WrongTimeline when the standby does not follow the timeline on which the old primary was last known */
function refuseWrongTimeline(step: PromotionStep, { timeline }: ServerState, lease: Lease | null): void {
  const old = oldTimeline(step, lease);
  if (old === null || old === timeline) return;
  throw refusal('WrongTimeline', `${step.to} follows timeline ${timeline}; the old primary was on timeline ${old}`);
}

/** @throws StandbyNotPromotable when PostgreSQL would refuse to become a primary with its settings */
function refuseNotPromotable({ to }: PromotionStep, { parameters }: ServerState, lease: Lease | null): void {
  const lower = lowerParameters(parameters, lease?.previous?.parameters ?? null);
  if (lower !== null) throw refusal('StandbyNotPromotable', `the database in ${to}: ${lower}`);
}

function oldTimeline({ lastKnown }: PromotionStep, lease: Lease | null): number | null {
  return lease?.previous?.timeline ?? lastKnown?.timeline ?? null;
}

/** Promoted by this recovery, or a refusal: a primary that it did not make is not its to take. */
async function promotedAlready(attempt: Attempt, state: ServerState, lease: Lease | null): Promise<PromotionResult> {
  const { step } = attempt;
  const known = await inDatabase(attempt, (ask) => promotionOf(ask, step.recovery));
  if (known !== null) return { ...known, changed: false };
  const old = oldTimeline(step, lease);
  if (lease === null || old === null || state.timeline <= old) {
    throw refusal('StandbyMissing', `${step.to} is a primary already, and not by this recovery`);
  }
  return { ...(await measureAndRecord(attempt, old, state, state.newestReplayedAt, lease)), changed: false };
}

async function promoteStandby(attempt: Attempt, before: ServerState, lease: Lease | null): Promise<PromotionResult> {
  const { step, access, deadline } = attempt;
  const candidate = {
    region: step.to,
    inDatabase: <T>(use: (ask: Ask) => Promise<T>) => inDatabase(attempt, use),
    mayPromote: async () => access && (await requireLease(access, step)),
    mayEndSessions: step.component.endBlockingSessions ?? false,
    withdrawable: access !== null,
    deadline,
  };
  const { ready, after } = await promoteOnceFree(candidate, before.timeline);
  if (access) await requireLease(access, step);
  // After the promotion the heartbeat is the new primary's own.
  const newestAt = later(after.newestReplayedAt, ready.heartbeatAt);
  return await measureAndRecord(attempt, before.timeline, after, newestAt, lease);
}

/** The row is the first write on the new timeline: that it is there is the proof that writes succeed. */
async function measureAndRecord(
  attempt: Attempt,
  timelineBefore: number,
  after: ServerState,
  newestCommitAt: Date | null,
  lease: Lease | null,
): Promise<PromotionResult> {
  const { step, access } = attempt;
  const dataLoss = measureLoss({
    downSince: step.downSince,
    clockSkewMs: access?.clockSkewMs ?? 0,
    previous: lease?.previous ?? null,
    newestCommitAt,
    position: after.replayed ?? after.position,
    standbyName: after.standbyName,
  });
  const timelineAfter = after.timeline;
  const left = lease?.previous?.notReplicated;
  const remarks = left == null ? [] : notReplicatedText(left, step.from, step.to);
  const promoted = `${step.to} was promoted from timeline ${timelineBefore} to ${timelineAfter}`;
  const detail = [promoted, ...remarks].join('; ');
  const promotedAt = new Date().toISOString();
  const result = { changed: true, detail, timelineBefore, timelineAfter, promotedAt, dataLoss };
  return await inDatabase(attempt, async (ask) => {
    // A database or role may be read-only by default, and was so before.
    await ask('set default_transaction_read_only = off');
    return await recorded(ask, step.recovery, result);
  });
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
