import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { z } from 'zod';
import { expandScenarios } from '../../plan/library.ts';
import type { Environment, Plan } from '../../plan/schema.ts';
import { library } from '../../starter/library.ts';
import { environmentFile, planFile, RUNBOOKS } from '../../starter/runbook-files.ts';
import { eventually } from '../eventually.ts';
import type { Lab } from '../lab.ts';

const GATEWAY = 'third-place/gateway';

type PlanFile = z.input<typeof Plan>;
type EnvironmentFile = z.input<typeof Environment>;

/** What a drill sees differently from the plan: nobody waits ten minutes for a lab. */
export type PlanChange = (plan: PlanFile, environment: EnvironmentFile) => void;

/**
 * Lets the lab's gateway open its next incidents with a copy of the plan that has been changed. The copy is checked like
 * any plan: a gateway does not start with a bad one.
 */
export async function usePlan(lab: Lab, change: PlanChange): Promise<void> {
  const folder = join(lab.folder, 'runbooks');
  const { system } = lab.shape;
  const read = async (file: string) => parse(await readFile(file, 'utf8'));
  const plan = expandScenarios(await read(planFile(RUNBOOKS, system)), library()).data as PlanFile;
  const environment: EnvironmentFile = await read(environmentFile(RUNBOOKS, system, 'lab'));
  change(plan, environment);
  await writeYaml(planFile(folder, system), plan);
  await writeYaml(environmentFile(folder, system, 'lab'), environment);
  await lab.remember({ LIFEBOAT_RUNBOOKS: folder });
  await restartGateway(lab);
}

async function writeYaml(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, stringify(value));
}

async function restartGateway(lab: Lab): Promise<void> {
  lab.signal(GATEWAY, 'SIGKILL');
  // A killed process is there a moment longer.
  await eventually({ what: 'the gateway to start again', withinMs: 60_000 }, () => lab.startService(GATEWAY));
}

/** What every phase of a scenario may take. */
export function budgets(plan: PlanFile, scenario: 'region-failover', budget: string): void {
  for (const phase of plan.scenarios[scenario]?.phases ?? []) {
    if (phase.action !== 'approve') phase.budget = budget;
  }
}
