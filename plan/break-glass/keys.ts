import type { RecoveryPlan } from '../recovery-plan.ts';

/** Where a system's newest break-glass runbook is, whichever recovery wrote it. */
export function latestKey({ evidence, system }: Pick<RecoveryPlan, 'evidence' | 'system'>): string {
  return keyOf(evidence.prefix, system, 'latest.md');
}

/** Where the runbook of one run of a recovery is: written over as the recovery goes on, and kept as it last was. */
export function runKey(
  { evidence, system }: Pick<RecoveryPlan, 'evidence' | 'system'>,
  { epoch, runId }: { epoch: number; runId: string },
): string {
  // Colons are awkward in file names.
  return keyOf(evidence.prefix, system, `${new Date(epoch).toISOString().replaceAll(':', '')}-${runId}.md`);
}

function keyOf(prefix: string, system: string, file: string): string {
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  return [folder, system, 'break-glass', file].filter((part) => part !== '').join('/');
}

/** What an object says of itself beside its text: names of S3 metadata. */
export const META = {
  asOf: 'lifeboat-as-of',
  epoch: 'lifeboat-epoch',
  workflowId: 'lifeboat-workflow-id',
  runId: 'lifeboat-run-id',
  state: 'lifeboat-state',
} as const;
