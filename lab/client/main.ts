import { fastify } from 'fastify';
import { pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import { onStop } from '../program.ts';
import { configuration, databaseTarget, nameTarget } from './configuration.ts';
import { runLanes } from './lanes.ts';
import { openLedger } from './ledger-file.ts';
import { addressOf } from './resolve.ts';
import { sendOrder } from './send-order.ts';
import { orderWriter } from './write-order.ts';

/** The load that measures: numbered orders without pause, and a ledger of what was acknowledged, when and by whom. */
const LANES = 4;
const PACE_MS = 50;

const config = configuration();
const log = pino({ level: config.logLevel, base: { program: 'client' } });
const ledger = openLedger(config.ledgerFile);
const registry = new Registry();
const requests = new Counter({
  name: 'client_requests_total',
  help: 'Requests for orders; error is every answer but an acknowledgement.',
  labelNames: ['outcome'],
  registers: [registry],
});
// Both series exist from the start, so that rates over them are never empty.
for (const outcome of ['ok', 'error']) requests.inc({ outcome }, 0);

const app = fastify({ logger: false, forceCloseConnections: true });
app.get('/ledger', async () => ledger.summary());
app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
await app.listen({ host: config.host, port: config.port });

const stop = new AbortController();
const target = await openTarget();
const lanes = runLanes(
  {
    lanes: LANES,
    paceMs: PACE_MS,
    firstId: (ledger.summary().maxId ?? 0) + 1,
    send: target.send,
    acknowledged: ledger.append,
    answered: (answer) => {
      requests.inc({ outcome: answer.outcome === 'acknowledged' ? 'ok' : 'error' });
      if (answer.outcome === 'refused') log.warn(answer, 'an order was refused for good');
    },
  },
  stop.signal,
);
log.info({ target: target.name, ledger: config.ledgerFile }, 'sending orders');

onStop(async () => {
  stop.abort();
  await Promise.all([lanes, app.close()]);
  await target.stop();
  ledger.close();
});

/** Where orders go: to a name, or to the database itself. */
async function openTarget() {
  const named = nameTarget();
  if (named !== null) {
    const { name, resolver, applicationPort } = named;
    const address = addressOf(name, resolver);
    return { name, send: (id: number) => sendOrder(id, address, applicationPort), stop: async () => {} };
  }
  const database = await databaseTarget();
  const { write, stop } = orderWriter(database);
  return { name: database.database, send: write, stop };
}
