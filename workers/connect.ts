import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

const EVERY_MS = 500;

/** Waits for Temporal as long as it takes: a worker that gives up would have to be started again by somebody. */
export async function connectWhenUp(options: NativeConnectionOptions, log: Logger): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (attempt === 1) log.warn({ address: options.address, error: String(error) }, 'waiting for Temporal');
      await sleep(EVERY_MS);
    }
  }
}
