import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { floodGate, harmOf } from '../../chaos/signal-flood.ts';
import { startRealServer, teeiPlan } from '../../support/workflows/harness.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startRealServer();
}, 60_000);
afterAll(() => env?.teardown());

/** `npm run chaos -- signal-flood` sends thirty thousand. */
test('a thousand unsigned signals, well-formed forgeries among them, start few activities, and keep no good approval out', async () => {
  const flooded = await floodGate(env, await teeiPlan(), 1_000);
  expect(harmOf(flooded)).toBeNull();
  expect([flooded.taken, flooded.forged]).toEqual([1_000, 200]);
}, 120_000);
