import { digest } from '../../plan/digest.ts';
import type { PlanRef, RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Activities } from '../contract.ts';
import { fault } from '../fault.ts';

export interface PlansInForce {
  plans: RecoveryPlan[];
  /** Why others could not be read. */
  problems: string[];
}

/** The plans that a worker holds. Nothing that starts a workflow can add to them. */
export interface HeldPlans {
  /** The versions in force of an environment of a system, as the runbooks have them now. */
  inForce(names: Pick<PlanRef, 'system' | 'environment'>): Promise<PlansInForce>;
  /** A version that a run has gone by, by its content; null when it was not kept. */
  kept(hash: string): Promise<RecoveryPlan | null>;
  /** Keeps a version for the runs that go by it. */
  keep(plan: RecoveryPlan): Promise<void>;
}

/** `readPlan`: the plan that a start names, from the plans that the worker holds. */
export function planActivities(held: HeldPlans): Pick<Activities, 'readPlan'> {
  return {
    async readPlan({ plan: ref, continued }) {
      const { plans, problems } = await held.inForce(ref);
      const inForce = plans.find((plan) => isNamedBy(plan, ref));
      if (inForce !== undefined) {
        await held.keep(inForce);
        return inForce;
      }
      const kept = continued ? await held.kept(ref.hash) : null;
      if (kept !== null && isNamedBy(kept, ref)) return kept;
      throw unknown(ref, { continued, problems });
    },
  };
}

/** The hash is computed from the content: a file that was altered is no version of anything. */
function isNamedBy({ hash, ...content }: RecoveryPlan, ref: PlanRef): boolean {
  const named = content.system === ref.system && content.environment === ref.environment && hash === ref.hash;
  return named && digest(content) === ref.hash;
}

function unknown({ system, environment, hash }: PlanRef, why: { continued: boolean; problems: string[] }) {
  const version = `version ${String(hash).slice(0, 12)} of the plan of ${system} in ${environment}`;
  const state = why.continued ? 'is held by no worker' : 'is not in force where the workers run';
  const problems = why.problems.map((problem) => ` (${problem})`).join('');
  return fault(
    'PlanUnknown',
    `${version} ${state}${problems}: mount the runbooks that it was started with, then retry`,
  );
}
