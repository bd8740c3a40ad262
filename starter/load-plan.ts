import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { environmentProblems, planProblems } from '../plan/check.ts';
import type { Variables } from '../plan/interpolate.ts';
import { type Loaded, parseEnvironment, parsePlan } from '../plan/load.ts';
import { errorsOf, type Problem, problemText } from '../plan/problem.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { resolveRecoveryPlan } from '../plan/resolve.ts';
import type { Environment, Plan } from '../plan/schema.ts';
import { library } from './library.ts';
import { environmentFile, planFile, RUNBOOKS } from './runbook-files.ts';

/** Everything that is wrong with a plan and its environment, a line each. */
export class PlanProblems extends Error {
  override name = 'PlanProblems';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/** A file's name as people see it from where they stand. */
export const shownFile = (file: string) => relative(process.cwd(), file) || file;

/** The text of a file, or a problem that says why it cannot be read. */
async function readText(file: string): Promise<{ text: string } | { problems: Problem[] }> {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const message = code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${code ?? String(cause)}`;
    const hint = 'check the names of the system and of the environment';
    return { problems: [{ severity: 'error', file: shownFile(file), line: 1, column: 1, path: '', message, hint }] };
  }
}

/** Reads and parses the plan of a system; cross-checks are `checkPlan`'s. */
export async function readPlan(folder: string, system: string): Promise<Loaded<Plan>> {
  const file = planFile(folder, system);
  const read = await readText(file);
  return 'problems' in read ? read : parsePlan(read.text, shownFile(file), library());
}

/** Reads and parses an environment of a system; whether it fits the plan is for `checkEnvironment` to say. */
export async function readEnvironment(
  { folder, system, environment }: Required<PlanAddress>,
  variables: Variables,
): Promise<Loaded<Environment>> {
  const file = environmentFile(folder, system, environment);
  const read = await readText(file);
  return 'problems' in read ? read : parseEnvironment(read.text, shownFile(file), variables);
}

export interface PlanAddress {
  system: string;
  environment: string;
  /** Where plans are; the checkout's `runbooks/` when absent. */
  folder?: string;
}

/**
 * The plan of a system and one of its environments, read from `<folder>/<system>/` with the process's environment
 * variables and checked together. Throws `PlanProblems` with every problem at once.
 */
export async function loadPlan({ system, environment, folder = RUNBOOKS }: PlanAddress) {
  const plan = await readPlan(folder, system);
  const wired = await readEnvironment({ folder, system, environment }, process.env);
  const problems = errorsOf([...planProblems(plan), ...environmentProblems(plan, wired)]);
  if (plan.problems !== undefined || wired.problems !== undefined || problems.length > 0) {
    throw new PlanProblems(problems);
  }
  return { plan: plan.value, recoveryPlan: resolveRecoveryPlan(plan.value, wired.value) };
}

/** What `loadPlan` puts together: all that a recovery needs to know. Throws `PlanProblems` alike. */
export async function loadRecoveryPlan(address: PlanAddress): Promise<RecoveryPlan> {
  return (await loadPlan(address)).recoveryPlan;
}
