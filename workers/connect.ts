import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

const EVERY_MS = 500;

/** The gRPC status of the same name. */
const UNAVAILABLE = 14;

/** Waits for Temporal as long as it takes: a worker that gives up would have to be started again by somebody. */
export async function connectWhenUp(options: NativeConnectionOptions, log: Logger): Promise<NativeConnection> {
  return await retried(
    () => NativeConnection.connect(options),
    log,
    () => true,
  );
}

/** Asks until Temporal can answer: while it starts it takes connections before all of its services are there. */
export async function whenAvailable<T>(ask: () => Promise<T>, log: Logger): Promise<T> {
  return await retried(ask, log, (error) => (error as { code?: unknown }).code === UNAVAILABLE);
}

async function retried<T>(ask: () => Promise<T>, log: Logger, isDown: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isDown(error)) throw error;
      if (attempt === 1) log.warn({ error: String(error) }, 'waiting for Temporal');
      await sleep(EVERY_MS);
    }
  }
}
