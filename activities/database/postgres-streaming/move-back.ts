import type { Step, StepResult } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { requestHandOver } from '../../lease/hand-over.ts';
import { takeLease } from '../../lease/take.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import { type Ask, withDatabase } from './connection.ts';
import { claimOf, type LeaseAccess, requireLease } from './lease-access.ts';
import { awaitNoLag } from './no-lag.ts';
import { promoteOnceFree } from './promotion.ts';

/** A promotion that is undone without a loss: `from` follows `to` by now, so `to` hands over to it. */
export async function moveBack(step: Step, access: LeaseAccess, deps: Deps, deadline: number): Promise<StepResult> {
  const { component, from, to } = step;
  const reversed = { ...step, from: to, to: from };
  const claim = { ...claimOf(reversed, access.ttlMs), giveBack: true };
  const handedOver = { what: `${to} to stop in order`, timeoutMs: leftMs(deadline), everyMs: 100 };
  const final = await until(handedOver, async () => (await requestHandOver(access.store, claim)).final ?? undefined);
  await awaitNoLag({ ...reversed, final }, deps);
  await takeLease(access.store, claim);
  const candidate = {
    region: from,
    inDatabase: <T>(use: (ask: Ask) => Promise<T>) => withDatabase(component, from, deps.secrets, use),
    mayPromote: () => requireLease(access, reversed),
    mayEndSessions: component.endBlockingSessions ?? false,
    withdrawable: true,
    deadline,
  };
  await promoteOnceFree(candidate, final.timeline);
  return { changed: true, detail: `${to} handed over to ${from}, which is the primary again; no write was lost` };
}
