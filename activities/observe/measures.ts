import type { Measures } from '../../plan/facts.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { askPrometheus } from '../prometheus.ts';

/** What Prometheus knows of the system as a whole. Never throws: what it cannot tell is null. */
export async function measures({ service: { prometheus } }: RecoveryPlan): Promise<Measures> {
  const ask = async (query: string | undefined) =>
    prometheus === undefined || query === undefined ? null : askPrometheus(prometheus.url, query).catch(() => null);
  const [errorRate, backupAge, corruption] = await Promise.all([
    ask(prometheus?.errorRate),
    ask(prometheus?.backupAge),
    ask(prometheus?.corruption),
  ]);
  return {
    customerErrorsPercent: errorRate === null ? null : errorRate * 100,
    backupAgeSeconds: backupAge,
    dataCorrupted: corruption === null ? null : corruption > 0,
  };
}
