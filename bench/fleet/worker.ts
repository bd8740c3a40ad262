import { NativeConnection, Worker } from '@temporalio/worker';
import { twoSites } from '../../lab/shapes/two-sites.ts';
import type { PlanRef, RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Notice } from '../../plan/report.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import { createFakes, delayed } from '../../tests/support/workflows/fakes.ts';
import { createLog } from '../../workers/log.ts';
import { workerOptions } from '../../workers/options.ts';
import { registerSearchAttributes } from '../../workers/register-search-attributes.ts';
import { installRuntime } from '../../workers/runtime.ts';

/**
 * `worker.ts <task queue> <milliseconds per step>`: a worker with the product's options, whose steps only take time. It
 * tells its parent which recovery has asked people to decide, as a channel tells people.
 */
const [taskQueue = '', stepMs = ''] = process.argv.slice(2);
installRuntime(createLog('fleet-worker'));
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
await registerSearchAttributes(connection, 'default');
const plan = await loadRecoveryPlan({ system: twoSites.system, environment: 'lab' });
const worker = await Worker.create(
  await workerOptions({
    connection,
    namespace: 'default',
    taskQueue,
    activities: delayed(createFakes({ notify, readPlan }).activities, () => Number(stepMs)),
  }),
);
// A parent that was killed leaves no workers behind.
process.once('disconnect', () => worker.shutdown());
await worker.run().finally(() => connection.close());
if (process.connected) process.disconnect();

async function notify({ notice }: { notice: Notice }) {
  if (notice.kind === 'gate') process.send?.(notice.workflowId);
  return { detail: 'delivered' };
}

/** Every system of the fleet has the lab's plan, but for its name. */
async function readPlan({ plan: { system, hash } }: { plan: PlanRef }): Promise<RecoveryPlan> {
  return { ...plan, system, hash };
}
