import { createServer, type Server } from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import Fastify from 'fastify';
import { traceRequests } from '../../telemetry/trace-requests.ts';
import { startTracing, type Tracing, tracingWanted } from '../../telemetry/tracing.ts';
import { workerOptions } from '../../workers/options.ts';
import { TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { temporalServer } from '../starter/fixtures/temporal.ts';
import { eventually, shortPlan, startFailover } from '../workers/recoveries.ts';
import { createFakes } from '../workflows/support/fakes.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const COLLECTOR = { host: '127.0.31.1', port: 14318 };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

let env: TestWorkflowEnvironment;
let collector: Server;
let received = Buffer.alloc(0);

beforeAll(async () => {
  env = await temporalServer();
  collector = createServer(async (request, response) => {
    for await (const chunk of request) received = Buffer.concat([received, chunk]);
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(COLLECTOR, resolve));
});

afterAll(async () => {
  collector?.close();
  trace.disable();
  context.disable();
  await env?.teardown();
});

test('nothing is traced unless the environment names an endpoint', async () => {
  expect(tracingWanted({})).toBe(false);
  expect(tracingWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' })).toBe(false);
  expect(await startTracing('x', {})).toBeNull();
});

test('one trace leads from the webhook to the last activity', async () => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://${COLLECTOR.host}:${COLLECTOR.port}`;
  const tracing = (await startTracing('lifeboat-test')) as Tracing;
  const { activities } = createFakes();
  const where = { connection: env.nativeConnection, namespace: 'default', taskQueue: TASK_QUEUE };
  const worker = await Worker.create(await workerOptions({ ...where, activities, tracing }));
  const client = new Client({ connection: env.connection, interceptors: { workflow: [tracing.client] } });
  await worker.runUntil(async () => {
    const report = await recoverByWebhook(client);
    expect(report.outcome).toBe('recovered');
  });
  await tracing.stop();
  const spans = await eventually(async () => {
    expect(received.includes('RunActivity:storeReport')).toBe(true);
    return received;
  });
  for (const name of [
    'POST /webhook',
    'StartWorkflow:regionFailover',
    'RunWorkflow:regionFailover',
    'RunActivity:invalidateCdn',
  ])
    expect({ name, there: spans.includes(name) }).toEqual({ name, there: true });
  // Every span is of the trace that the webhook's header named.
  const id = Buffer.from(TRACE_ID, 'hex');
  expect(occurrences(spans, id)).toBe(occurrences(spans, Buffer.concat([Buffer.from([0x0a, 0x10]), id])));
  expect(occurrences(spans, id)).toBeGreaterThan(5);
});

/** What the gateway does, with a scenario in place of an incident. */
async function recoverByWebhook(client: Client) {
  const plan = await shortPlan('invalidate-cdn', 'verify');
  const app = Fastify();
  traceRequests(app);
  app.post('/webhook', async () => ({ id: (await startFailover({ client }, plan)).workflowId }));
  const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
  const answer = await app.inject({ method: 'POST', url: '/webhook', headers, payload: { alert: 1 } });
  await app.close();
  return await client.workflow.getHandle(answer.json().id).result();
}

function occurrences(text: Buffer, part: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}
