import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { HeldPlans, PlansInForce } from '../activities/plans/index.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../starter/load-plan.ts';
import { environmentFile, RUNBOOKS } from '../starter/runbook-files.ts';

/** Names become parts of paths, and a starter chose them. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HASH = /^[0-9a-f]{64}$/;

/**
 * The plans of a worker: the folders of `LIFEBOAT_RUNBOOKS` (several as in PATH) have the versions in force, and the
 * folder `LIFEBOAT_PLAN_STORE` keeps each version that a run has gone by, as `<hash>.json`. Without that folder they
 * are kept for as long as the process lives.
 */
export function heldPlans(env: NodeJS.ProcessEnv): HeldPlans {
  const folders = (env['LIFEBOAT_RUNBOOKS'] ?? RUNBOOKS).split(delimiter).filter((folder) => folder !== '');
  const store = env['LIFEBOAT_PLAN_STORE'];
  const memory = new Map<string, RecoveryPlan>();
  return {
    inForce: async ({ system, environment }) => {
      if (!NAME.test(system) || !NAME.test(environment)) return { plans: [], problems: [] };
      return await readAll(folders.map((folder) => ({ system, environment, folder })));
    },
    kept: async (hash) => {
      if (!HASH.test(hash)) return null;
      return memory.get(hash) ?? (store === undefined ? null : await readKept(store, hash));
    },
    keep: async (plan) => {
      if (memory.has(plan.hash)) return;
      if (store !== undefined) await write(store, plan);
      memory.set(plan.hash, plan);
    },
  };
}

async function readAll(addresses: { system: string; environment: string; folder: string }[]): Promise<PlansInForce> {
  const there = addresses.filter(({ folder, system, environment }) =>
    existsSync(environmentFile(folder, system, environment)),
  );
  const read = await Promise.allSettled(there.map(loadRecoveryPlan));
  return {
    plans: read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    problems: read.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : [])),
  };
}

async function readKept(store: string, hash: string): Promise<RecoveryPlan | null> {
  const text = await readFile(keptFile(store, hash), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as RecoveryPlan);
}

/** Written beside and renamed, so that a worker that reads meanwhile has all of it or nothing. */
async function write(store: string, plan: RecoveryPlan): Promise<void> {
  await mkdir(store, { recursive: true });
  const beside = join(store, `.${randomUUID()}`);
  await writeFile(beside, JSON.stringify(plan));
  await rename(beside, keptFile(store, plan.hash));
}

const keptFile = (store: string, hash: string) => join(store, `${hash}.json`);
