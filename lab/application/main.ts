import { pino } from 'pino';
import { onStop } from '../program.ts';
import { readSecret } from '../secrets.ts';
import { analytics } from './analytics.ts';
import { cache } from './cache.ts';
import { configuration } from './configuration.ts';
import { database } from './database.ts';
import { events } from './events.ts';
import { watchIntegrity } from './integrity.ts';
import { metrics } from './metrics.ts';
import { server } from './server.ts';
import { watchWorkloads } from './workloads.ts';

/** The protected application of one region: takes orders, and serves only while enough of its pods are ready. */
const config = configuration();
const { region, host, minReady } = config;
const log = pino({ level: config.logLevel, base: { program: 'application', region } });
const secret = (name: string) => readSecret(config.secretsFolder, name);

const { name, user, secret: passwordSecret } = config.database;
const orders = database(region, { database: name, user, password: await secret(passwordSecret) }, log);
const pods = await watchWorkloads({
  kubeconfig: await secret(config.workloads.kubeconfigSecret),
  namespace: config.workloads.namespace,
  log,
  onDatabase: orders.pointTo,
});
const integrity = watchIntegrity(orders);
const counted = metrics({ region, database: name, ...pods, target: orders.target, ...integrity });
const entries = cache({ host, port: config.redisPort, prefix: config.cachePrefix }, log);
const stream = events({ host, port: config.natsPort }, log);
const copies = analytics({
  url: `http://${host}:${config.clickhousePort}`,
  database: config.analyticsDatabase,
  region,
  onBatch: (outcome, rows) => counted.delivery('analytics', outcome, rows),
});
const app = server({
  region,
  minReady,
  readyPods: pods.readyPods,
  database: orders,
  cache: entries,
  events: stream,
  analytics: copies,
  metrics: counted,
  log,
});
await app.listen({ host, port: config.port });
log.info({ host, port: config.port }, 'listening');

onStop(async () => {
  await app.close();
  await Promise.allSettled([pods.stop(), orders.stop(), stream.stop(), copies.stop()]);
  entries.stop();
  integrity.stop();
});
