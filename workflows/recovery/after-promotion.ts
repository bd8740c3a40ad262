import { Ended } from './ended.ts';
import type { Runbook } from './recover.ts';
import type { Recovery } from './recovery.ts';

type Work = NonNullable<Runbook[keyof Runbook]>;

/** A step that leads somebody to the database of `to`: it is not done where people skipped the promotion. */
export function afterPromotion(work: Work): Work {
  return async (recovery, phase, budget) => {
    requirePromoted(recovery);
    return await work(recovery, phase, budget);
  };
}

/** @throws Ended when the scenario promotes databases, and one of them has not been promoted */
function requirePromoted({ scenario, promoted, input: { to } }: Recovery): void {
  const wanted = scenario.phases.filter(({ action }) => action === 'promote-database');
  const missing = wanted.flatMap(({ components }) => components).filter((name) => !promoted.has(name));
  if (missing.length === 0) return;
  const what = `${missing.join(' and ')} was not promoted in ${to}`;
  throw new Ended('refused', `${what}: clients would be led to a database that takes no writes`);
}
