import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { refuseIfFrozen } from '../../../activities/heartbeat.ts';
import { eventually } from '../../../lab/eventually.ts';
import { keepAlive } from '../../../workers/keep-alive.ts';

const TIMEOUT_MS = 4_000;

/** Runs `act` as a worker of the product would, with its signs of life. */
function lively<T>(act: () => Promise<T>, heartbeatTimeoutMs = TIMEOUT_MS): Promise<T> {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs }, { logger: new DefaultLogger('ERROR') });
  const { inbound } = keepAlive(environment.context);
  return environment.run(async () => {
    const executed = inbound.execute?.({ args: [], headers: {} }, act);
    return (await executed) as T;
  });
}

/** Nothing of this process runs meanwhile, as when it is stopped. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const frozen = { type: 'NotReached', nonRetryable: false };

test('an attempt that goes on all the time may make its changes', async () => {
  // Half of it is longer than a busy machine stands still.
  const timeoutMs = 12_000;
  const act = async () => {
    const startedAt = Date.now();
    await eventually({ what: 'more than half the time-out', withinMs: 3 * timeoutMs }, async () => {
      refuseIfFrozen();
      if (Date.now() - startedAt < timeoutMs / 2 + 500) throw new Error('not yet');
    });
    return 'done';
  };
  expect(await lively(act, timeoutMs)).toBe('done');
});

test('an attempt that stood still makes no more changes, however lively it is afterwards', async () => {
  const act = async () => {
    standStill(TIMEOUT_MS / 2 + 500);
    expect(refuseIfFrozen).toThrow(expect.objectContaining(frozen));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    refuseIfFrozen();
  };
  await expect(lively(act)).rejects.toMatchObject(frozen);
});

test('without signs of life from a worker nothing is refused', () => {
  const environment = new MockActivityEnvironment(
    { heartbeatTimeoutMs: TIMEOUT_MS },
    { logger: new DefaultLogger('ERROR') },
  );
  return environment.run(async () => {
    standStill(TIMEOUT_MS / 2 + 500);
    refuseIfFrozen();
  });
});
