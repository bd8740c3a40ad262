import { existsSync, readdirSync } from 'node:fs';
import { StarterError } from './errors.ts';
import { environmentFile, planFile, RUNBOOKS } from './runbook-files.ts';

/** The systems of this checkout: every folder in `runbooks/` that holds a plan, and that environment if one is named. */
export function knownSystems(environment?: string): string[] {
  if (!existsSync(RUNBOOKS)) return [];
  return readdirSync(RUNBOOKS)
    .filter((system) => existsSync(planFile(RUNBOOKS, system)))
    .filter((system) => !environment || existsSync(environmentFile(RUNBOOKS, system, environment)))
    .sort();
}

/** Answers the system if there is a plan of it, and otherwise says which there are. */
export function checkSystem(system: string): string {
  const known = knownSystems();
  if (known.includes(system)) return system;
  throw new StarterError('usage', `unknown system "${system}"; known: ${known.join(', ') || 'none'}`);
}
