import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { context, trace } from '@opentelemetry/api';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import protobuf from 'protobufjs';
import { buildGateway } from '../../../starter/webhooks/gateway.ts';
import { incidentsInTemporal } from '../../../starter/webhooks/incidents.ts';
import { traceRequests } from '../../../telemetry/trace-requests.ts';
import { startTracing, type Tracing, tracingWanted } from '../../../telemetry/tracing.ts';
import { workerOptions } from '../../../workers/options.ts';
import { incidentId, recoveryId } from '../../../workflows/incident-messages.ts';
import { regionTaskQueue, TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { temporalServer } from '../../support/starter/temporal.ts';
import { alert, payload } from '../../support/starter/webhooks/payloads.ts';
import { eventually, shortPlan } from '../../support/workers/recoveries.ts';
import { createFakes, healed, hold } from '../../support/workflows/fakes.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const COLLECTOR = { host: '127.0.31.1', port: 14318 };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SENDERS_SPAN = 'b7ad6b7169203331';

interface Span {
  name: string;
  /** In hex, as are the others. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
}

/** The part of OTLP that is looked at: https://github.com/open-telemetry/opentelemetry-proto, `trace.proto`. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated Resource resources = 1; }
  message Resource { repeated Scope scopes = 2; }
  message Scope { repeated Span spans = 2; }
  message Span { bytes traceId = 1; bytes spanId = 2; bytes parentSpanId = 4; string name = 5; }
`);
const Request = root.lookupType('Request');

function spansOf(body: Buffer): Span[] {
  const { resources = [] } = Request.toObject(Request.decode(body), { bytes: Array });
  const spans = resources.flatMap(({ scopes = [] }) => scopes.flatMap(({ spans = [] }) => spans));
  const hex = (bytes: number[] = []) => Buffer.from(bytes).toString('hex');
  return spans.map(({ name, traceId, spanId, parentSpanId }: Record<string, never>) => ({
    ...{ name, traceId: hex(traceId), spanId: hex(spanId), parentSpanId: hex(parentSpanId) },
  }));
}

let env: TestWorkflowEnvironment;
let collector: Server;
const received: Span[] = [];

beforeAll(async () => {
  env = await temporalServer();
  collector = createServer(async (request, response) => {
    received.push(...spansOf(await buffer(request)));
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

test('one trace leads from the webhook by the incident to the last activity of its recovery', async () => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://${COLLECTOR.host}:${COLLECTOR.port}`;
  const tracing = (await startTracing('lifeboat-test')) as Tracing;
  const { activities } = createFakes({
    // The recovery has brought the system back: the incident, which goes by its own facts, closes.
    storeReport: async ({ plan }) => {
      healed.add(plan.system);
      return { location: 's3://lifeboat/evidence/report.json' };
    },
  });
  const where = { connection: env.nativeConnection, namespace: 'default', activities, tracing };
  const workers = await Promise.all(
    [TASK_QUEUE, regionTaskQueue({ regionWorkers: 'teei-csr' }, 'eu-central-1')].map(async (taskQueue) =>
      Worker.create(await workerOptions({ ...where, taskQueue })),
    ),
  );
  const client = new Client({ connection: env.connection, interceptors: { workflow: [tracing.client] } });
  const [main, regions] = workers as [Worker, Worker];
  await main.runUntil(regions.runUntil(() => recoverByWebhook(client)));
  await tracing.stop();
  const spans = await eventually(async () => {
    expect(received.map(({ name }) => name)).toContain('RunActivity:storeReport');
    return received;
  });
  const ours = spans.filter(({ traceId }) => traceId === TRACE_ID);
  expect(ours.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['POST /webhooks/alertmanager', 'RunWorkflow:incident', 'RunActivity:observe'],
      ...['RunWorkflow:regionFailover', 'RunActivity:invalidateCdn', 'RunActivity:storeReport'],
    ]),
  );
  // Each goes on with another of them, up to the one that the webhook's sender has.
  const known = new Set(ours.map(({ spanId }) => spanId));
  const beginnings = ours.filter(({ parentSpanId }) => !known.has(parentSpanId));
  expect(new Set(beginnings.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([SENDERS_SPAN]));
}, 60_000);

/** The gateway takes an alert; the incident starts a recovery, which nobody has to approve, and closes. */
async function recoverByWebhook(client: Client): Promise<void> {
  const short = await shortPlan('invalidate-cdn', 'verify');
  const changed = { ...short, decisions: { ...short.decisions, blockFor: '0s' } };
  const plan = { ...changed, ...hold(changed) };
  const log = pino({ level: 'silent' });
  const secrets = { get: async () => 'token' };
  const app = buildGateway({ plans: [plan], incidents: incidentsInTemporal(client), secrets, log });
  traceRequests(app);
  const headers = { traceparent: `00-${TRACE_ID}-${SENDERS_SPAN}-01`, authorization: 'Bearer token' };
  const post = async (status: string) => {
    const body = payload(alert({ status }));
    const answer = await app.inject({ method: 'POST', url: '/webhooks/alertmanager', headers, payload: body });
    expect(answer.statusCode).toBe(200);
  };
  await post('firing');
  const recovering = client.workflow.getHandle(recoveryId(plan.system));
  await eventually(() => recovering.describe());
  await post('resolved');
  await app.close();
  expect(await recovering.result()).toMatchObject({ outcome: 'recovered' });
  await client.workflow.getHandle(incidentId(plan.system)).result();
}
