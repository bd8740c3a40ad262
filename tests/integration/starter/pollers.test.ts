import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { describePollers } from '../../../starter/pollers.ts';
import { temporalServer } from '../../support/starter/temporal.ts';

/** Each queue has four partitions, and which one a poll goes to is chance. */
const QUEUES = Array.from({ length: 12 }, (_, index) => `queue-${index}`);

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await temporalServer();
}, 60_000);
afterAll(() => env?.teardown());

test('a worker that took a task is seen, whichever partition of the queue it polled', async () => {
  const { client } = env;
  const { namespace } = client.options;
  const seen = await Promise.all(
    QUEUES.map(async (taskQueue) => {
      const recovering = await client.workflow.start('recovery', { workflowId: taskQueue, taskQueue });
      // A question that no worker answers spreads over the partitions what is polled next.
      const deadline = Date.now() + 1_500;
      await expect(client.withDeadline(deadline, () => recovering.query('status'))).rejects.toThrow();
      expect(await describePollers(client, taskQueue)).toMatchObject({ alive: false });
      await client.withDeadline(Date.now() + 20_000, () =>
        client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity: 'worker' }),
      );
      return await describePollers(client, taskQueue);
    }),
  );
  for (const pollers of seen) {
    expect(pollers).toEqual({ alive: true, text: expect.stringMatching(/^last polled \d+ s ago$/) });
  }
}, 60_000);
