import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { ComponentFacts } from '../../plan/facts.ts';
import type { RecoveryPlan, WiredComponent } from '../../plan/recovery-plan.ts';
import type { Deps } from '../deps.ts';
import { cannotTell } from '../reachability.ts';
import { reasonOf } from '../reason.ts';
import { clickhouse } from './health/clickhouse.ts';
import { cloudfront } from './health/cloudfront.ts';
import { dns } from './health/dns.ts';
import { elbv2 } from './health/elbv2.ts';
import type { HealthLook, Looked, SharedLook } from './health/health.ts';
import { kubernetes } from './health/kubernetes.ts';
import { nats } from './health/nats.ts';
import { redis } from './health/redis.ts';
import { recallStream, rememberStream } from './last-known.ts';

/** Providers whose components can be looked at in a region. The database has eyes of its own. */
const LOOKS: Record<string, HealthLook> = { clickhouse, elbv2, kubernetes, nats, redis };

/** Providers of components that belong to no region. */
const SHARED_LOOKS: Record<string, SharedLook> = { cloudflare: dns, cloudfront, route53: dns };

/** Longer than any look by itself: what has not answered then is not going to. */
const PATIENCE_MS = 3_500;

/** How each component in a region is. Never throws: one that does not answer is failing, or unknown. */
export function componentFacts(plan: RecoveryPlan, region: string, deps: Deps): Promise<ComponentFacts[]> {
  return lookAtAll(plan, region, (component) => LOOKS[component.provider]?.(component, region, deps));
}

/** How each component is that both regions share. Never throws, either. */
export function sharedFacts(plan: RecoveryPlan): Promise<ComponentFacts[]> {
  return lookAtAll(plan, null, (component) => SHARED_LOOKS[component.provider]?.(component));
}

type Looking = (component: WiredComponent) => Promise<Looked> | undefined;

async function lookAtAll(plan: RecoveryPlan, region: string | null, look: Looking): Promise<ComponentFacts[]> {
  const seen = Object.values(plan.components).map(async (component) => {
    const { name, kind } = component;
    const looking = look(component);
    if (looking === undefined) return [];
    const facts: ComponentFacts = { component: name, kind, region, ...(await inTime(looking)) };
    return [kind === 'stream' ? await lastKnown(plan, facts) : facts];
  });
  return (await Promise.all(seen)).flat();
}

/** The source of a stream is kept in mind as it is seen, and recalled when it is not. */
async function lastKnown(plan: RecoveryPlan, facts: ComponentFacts): Promise<ComponentFacts> {
  const { component, region, stream } = facts;
  if (region === null) return facts;
  if (stream?.source) await rememberStream(plan, { component, region }, stream);
  const known = stream ?? (await recallStream(plan, { component, region }));
  return known === null ? facts : { ...facts, stream: known };
}

async function inTime(looking: Promise<Looked>): Promise<Looked> {
  const late = sleep(PATIENCE_MS, null, { ref: false }).then(
    (): Looked => ({ health: 'failing', detail: `no answer within ${PATIENCE_MS} ms` }),
  );
  return await Promise.race([looking.catch(judge), late]);
}

/** A wrong password or no network of one's own says nothing of the one who was asked. */
function judge(error: unknown): Looked {
  const { code } = rootOf(error);
  const own = error instanceof ApplicationFailure && error.nonRetryable === true;
  return { health: own || cannotTell(code) ? 'unknown' : 'failing', detail: reasonOf(error) };
}

function rootOf(error: unknown): NodeJS.ErrnoException {
  const { cause } = error as Error;
  return types.isNativeError(cause) ? rootOf(cause) : (error as Error);
}
