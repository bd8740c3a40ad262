import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { onStop } from '../program.ts';
import { configuration } from './configuration.ts';
import { Store } from './store.ts';
import { takeBackup } from './take.ts';

/** Takes a backup of the database now and every hour, and tells by what lies in object storage when the last was taken. */
const EVERY_MS = 3_600_000;
const AGAIN_MS = 1_000;

const config = configuration();
const log = pino({ level: config.logLevel, base: { program: 'backups' } });
const store = new Store(process.env, config.prefix);
const registry = new Registry();
new Gauge({
  name: 'backup_last_completion_timestamp_seconds',
  help: 'When the newest backup in object storage was put there; absent while there is none.',
  registers: [registry],
  async collect() {
    const newest = await store.newest();
    if (newest === null) this.remove();
    else this.set(newest.getTime() / 1_000);
  },
});

const app = fastify({ logger: false, forceCloseConnections: true });
app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
await app.listen({ host: config.host, port: config.port });

const stop = new AbortController();
const taking = takeAll();
onStop(async () => {
  stop.abort();
  await Promise.all([taking, app.close()]);
});

async function takeAll(): Promise<void> {
  while (!stop.signal.aborted) {
    const waitMs = await takeBackup(config, store, stop.signal).then(
      (key) => {
        log.info({ key }, 'backup taken');
        return EVERY_MS;
      },
      (error: Error) => {
        log.warn({ error: error.message }, 'no backup');
        return AGAIN_MS;
      },
    );
    await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => {});
  }
}
