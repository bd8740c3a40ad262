import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { RollbackCriteria } from '../../plan/schema.ts';
import { askPrometheus } from '../prometheus.ts';
import { reasonOf } from '../reason.ts';
import { type Finding, failed, passed, unknown } from './check.ts';

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

export interface CustomerErrors {
  /** 0 to 100; null is unknown. */
  percent: number | null;
  finding: Finding;
}

/**
 * The share of client requests that fail, counting only those of the last `watchedMs` milliseconds: how long it has been
 * looked, by a clock that only moves forward, since the time of day may differ between machines. Never throws.
 *
 * @param limit the percentage above which the plan rolls back; without one a share is neither good nor bad
 */
export async function customerErrors(
  { service }: RecoveryPlan,
  watchedMs: number,
  limit: RollbackCriteria['customerErrors'],
): Promise<CustomerErrors> {
  const source = service.prometheus;
  if (source === undefined) return cannotTell('the environment names no Prometheus');
  const early = windowSeconds(source.errorRate) - watchedMs / 1000;
  if (early > 0) return cannotTell(`for ${early.toFixed(1)} s more, errors from before the cutover would count`);
  try {
    const share = await askPrometheus(source.url, source.errorRate);
    if (share === null) return cannotTell('Prometheus has no figure yet');
    const percent = share * 100;
    return { percent, finding: judgeErrors(percent, limit) };
  } catch (cause) {
    return cannotTell(`Prometheus: ${reasonOf(cause)}`);
  }
}

/** Pure. */
export function judgeErrors(percent: number, limit: RollbackCriteria['customerErrors']): Finding {
  const seen = `${percent.toFixed(1)} % of client requests fail`;
  if (limit === undefined) return unknown(`${seen}; the plan names no limit`);
  return percent > limit ? failed(`${seen}, more than ${limit} %`) : passed(seen);
}

const cannotTell = (why: string): CustomerErrors => ({ percent: null, finding: unknown(why) });

/** How far back a PromQL query looks: the longest of its ranges, `[5s]`, `[1m30s]`, `[5m:1m]`. */
export function windowSeconds(query: string): number {
  const ranges = [...query.matchAll(/\[\s*([\d.smhd]+)/g)].map(([, range]) =>
    [...(range as string).matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit as string] as number),
      0,
    ),
  );
  return Math.max(0, ...ranges);
}
