import { StarterError } from '../../starter/errors.ts';
import { fetchStatus } from '../../starter/recoveries.ts';
import type { OutsideCheck } from './checks.ts';
import { check, type Stage } from './row.ts';

/** What heals by itself, or is for people to mend, must start no recovery. */
export async function nothingStarted(stage: Stage, since: number): Promise<OutsideCheck> {
  const started = await startedSince(stage, since);
  return check('no recovery has started', started === null, started ?? 'none since');
}

async function startedSince({ client, plan }: Stage, since: number): Promise<string | null> {
  try {
    const { scenario, startedAt } = await fetchStatus(client, plan.system);
    return Date.parse(startedAt) >= since ? `${scenario} at ${startedAt}` : null;
  } catch (error) {
    if (error instanceof StarterError && error.kind === 'nothing-running') return null;
    throw error;
  }
}
