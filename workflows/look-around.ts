import { type ActivityOptions, isCancellation } from '@temporalio/workflow';
import type { RecoveryRef } from '../activities/contract.ts';
import { combineFacts } from '../plan/combine-facts.ts';
import type { Direction } from '../plan/direction.ts';
import type { Facts, VantageFacts } from '../plan/facts.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { regionTaskQueue } from './recovery/messages.ts';
import { look, stepOptions } from './recovery/proxies.ts';

/** Who looks, at what. */
export interface Looker extends Direction {
  ref: RecoveryRef;
  plan: RecoveryPlan;
  /** Told of each vantage point that could not look. */
  note(text: string): void;
}

/** Gathers facts from both vantage points that outlive the failing region. */
export async function lookAround(looker: Looker): Promise<Facts> {
  return putTogether(await viewsOf(looker), looker);
}

/** What both vantage points see; one that cannot look is left out. */
export async function viewsOf(looker: Looker): Promise<VantageFacts[]> {
  const vantages = await Promise.all([lookFrom(looker, 'third-place'), lookFrom(looker, looker.to)]);
  return vantages.filter((vantage) => vantage !== null);
}

export function putTogether(views: VantageFacts[], { from, to }: Direction): Facts {
  return { ...combineFacts(views, from, to), observedAt: new Date(Date.now()).toISOString() };
}

async function lookFrom({ ref, plan, note }: Looker, vantage: string): Promise<VantageFacts | null> {
  const summary = `look at both regions from ${vantage}`;
  const options = vantage === 'third-place' ? stepOptions(summary, null) : fromRegion(summary, plan, vantage);
  const request = { recovery: ref, plan, vantage };
  return await look.observe.executeWithOptions(options, [request]).catch((error) => {
    if (isCancellation(error)) throw error;
    note(`${vantage} could not look at the regions`);
    return null;
  });
}

/** A region whose worker does not take the step is not waited for; the main queue is always served, in its turn. */
const fromRegion = (summary: string, plan: RecoveryPlan, region: string): ActivityOptions => ({
  ...stepOptions(summary, null, regionTaskQueue(plan, region)),
  scheduleToStartTimeout: '10s',
});
