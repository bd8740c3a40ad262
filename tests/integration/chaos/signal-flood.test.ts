import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { floodGate, harmOf } from '../../chaos/signal-flood.ts';
import { startRealServer, teeiPlan } from '../../support/workflows/harness.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startRealServer();
}, 60_000);
afterAll(() => env?.teardown());

/** `npm run chaos -- signal-flood` sends thirty thousand. */
test('two thousand unsigned signals, well-formed forgeries among them, start few activities, and keep no good approval out', async () => {
  const flooded = await floodGate(env, await teeiPlan(), 2_000);
  expect(harmOf(flooded)).toBeNull();
  expect([flooded.taken, flooded.forged]).toEqual([2_000, 400]);
}, 120_000);
