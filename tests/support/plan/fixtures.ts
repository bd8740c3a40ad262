import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEnvironment, checkPlan } from '../../../plan/check.ts';
import { parseEnvironment, parsePlan } from '../../../plan/load.ts';
import type { Problem } from '../../../plan/problem.ts';

/** A small plan and an environment without a fault, to be edited by tests. */
export const fixtureText = (name: 'plan.yaml' | 'test.yaml') =>
  readFileSync(join(import.meta.dirname, '../../fixtures/plan', name), 'utf8');

export const VARIABLES = { HOST_A: '127.0.0.10' };

/** Both, parsed and checked. Throws when they are not good after all. */
export function fixtures(edit = (text: string) => text) {
  const plan = parsePlan(edit(fixtureText('plan.yaml')), 'plan.yaml');
  const environment = parseEnvironment(edit(fixtureText('test.yaml')), 'test.yaml', VARIABLES);
  if (plan.problems !== undefined || environment.problems !== undefined) {
    throw new Error(JSON.stringify([plan.problems, environment.problems]));
  }
  const problems: Problem[] = [...checkPlan(plan), ...checkEnvironment(plan, environment)];
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { plan: plan.value, environment: environment.value };
}
