import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.ts';
import type { Notice } from '../../plan/report.ts';
import { createFakes } from '../../tests/workflows/support/fakes.ts';
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
const worker = await Worker.create(
  await workerOptions({ connection, namespace: 'default', taskQueue, activities: ofFixedCost(Number(stepMs)) }),
);
await worker.run().finally(() => connection.close());
process.disconnect();

function ofFixedCost(ms: number): Activities {
  const { activities } = createFakes({ notify });
  const slow = Object.entries(activities).map(([verb, act]) => [
    verb,
    async (input: never) => {
      await sleep(ms);
      return await (act as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return Object.fromEntries(slow) as Activities;
}

async function notify({ notice }: { notice: Notice }) {
  if (notice.kind === 'gate') process.send?.(notice.workflowId);
  return { detail: 'delivered' };
}
