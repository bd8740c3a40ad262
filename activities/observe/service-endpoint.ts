import type { RegionFacts } from '../../plan/facts.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { cannotTell } from '../reachability.ts';

type ServiceFacts = Pick<RegionFacts, 'serviceReachable' | 'remarks'>;

const TIMEOUT_MS = 1_000;

/**
 * Does the region's own endpoint serve? One critical service that answers is enough. A server error is an answer, but of
 * something that stands before the service or of a service that cannot do its work, so it counts as "no".
 */
export async function serviceFacts(plan: RecoveryPlan, region: string): Promise<ServiceFacts> {
  const base = plan.service.regions[region];
  if (base === undefined)
    return { serviceReachable: null, remarks: [`the environment names no endpoint in ${region}`] };
  const critical = plan.services.filter(({ critical }) => critical);
  const asked = critical.length > 0 ? critical : plan.services;
  const answers = await Promise.all(asked.map(({ path }) => probe(new URL(path, base))));
  if (answers.some(({ serviceReachable }) => serviceReachable)) return { serviceReachable: true, remarks: [] };
  const unknown = answers.some(({ serviceReachable }) => serviceReachable === null);
  return { serviceReachable: unknown ? null : false, remarks: answers.flatMap(({ remarks }) => remarks) };
}

async function probe(url: URL): Promise<ServiceFacts> {
  try {
    const { status, body } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await body?.cancel();
    if (status < 500) return { serviceReachable: true, remarks: [] };
    return { serviceReachable: false, remarks: [`${url} answers ${status}`] };
  } catch (error) {
    const { code, message } = causeOf(error);
    return { serviceReachable: cannotTell(code) ? null : false, remarks: [`${url}: ${code ?? message}`] };
  }
}

/** fetch says only that it failed; why is in the cause. */
function causeOf(error: unknown): NodeJS.ErrnoException {
  const { cause } = error as Error;
  return cause instanceof Error ? cause : (error as Error);
}
