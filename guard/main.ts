import { pino } from 'pino';
import { s3LeaseStore } from '../activities/lease/store.ts';
import { milliseconds } from '../plan/duration.ts';
import { logOutput } from '../telemetry/log-output.ts';
import { readGuardConfig } from './config.ts';
import { Guard } from './guard.ts';

/** `node guard/main.ts <configuration file>`: starts a region's PostgreSQL and stays its parent. */
async function main(path: string | undefined): Promise<void> {
  if (path === undefined) throw new Error('usage: node guard/main.ts <configuration file>');
  const config = readGuardConfig(path);
  const store = s3LeaseStore(config.lease, milliseconds(config.lease.ttl) / 4);
  const told = new AbortController();
  process.once('SIGTERM', () => told.abort());
  process.once('SIGINT', () => told.abort());
  await new Guard(config, store, pino({ base: { region: config.region } }, logOutput())).run(told.signal);
  store.close();
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
