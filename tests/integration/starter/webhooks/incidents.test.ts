import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { secretsFromFolder } from '../../../../activities/secrets.ts';
import { eventually } from '../../../../lab/eventually.ts';
import { closeClient, openClient } from '../../../../starter/client.ts';
import { buildGateway } from '../../../../starter/webhooks/gateway.ts';
import { incidentsInTemporal } from '../../../../starter/webhooks/incidents.ts';
import { labPlan } from '../../../support/starter/plans.ts';
import { temporalServer } from '../../../support/starter/temporal.ts';
import { alert, payload } from '../../../support/starter/webhooks/payloads.ts';

const secretsFolder = mkdtempSync(join(tmpdir(), 'lifeboat-gateway-'));
let env: TestWorkflowEnvironment;
let client: Client;

/** Search attributes are left unregistered, as before the first worker. */
beforeAll(async () => {
  mkdirSync(join(secretsFolder, 'gateway'));
  writeFileSync(join(secretsFolder, 'gateway/token'), 'secret\n');
  env = await temporalServer({ registered: false });
  process.env['TEMPORAL_ADDRESS'] = env.address;
  client = openClient();
}, 60_000);
afterAll(async () => {
  await closeClient(client);
  await env.teardown();
  rmSync(secretsFolder, { recursive: true });
});

async function gateway() {
  const options = { secrets: secretsFromFolder(secretsFolder), log: pino({ level: 'silent' }) };
  return buildGateway({ plans: [await labPlan()], incidents: incidentsInTemporal(client), ...options });
}

async function signals(): Promise<number> {
  const { events } = await client.workflow.getHandle('incident/teei-csr').fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

async function post(app: Awaited<ReturnType<typeof gateway>>, body: object) {
  const headers = { authorization: 'Bearer secret' };
  return await app.inject({ method: 'POST', url: '/webhooks/alertmanager', headers, payload: body });
}

test('a thousand identical webhooks are one incident and one signal, and later alerts join it', async () => {
  const app = await gateway();
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => post(app, payload())));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(await signals()).toBe(1);
  await post(app, payload(alert({ fingerprint: 'another' })));
  expect(await signals()).toBe(2);
  // Another gateway, or the same one after a restart, remembers nothing and starts nothing twice either.
  await post(await gateway(), payload());
  expect(await signals()).toBe(3);
  await eventually({ what: 'the incident to be listed', withinMs: 20_000 }, async () => {
    const listed = [];
    for await (const { workflowId } of client.workflow.list()) listed.push(workflowId);
    expect(listed.filter((id) => id === 'incident/teei-csr')).toHaveLength(1);
  });
}, 60_000);

test('is ready while Temporal has its namespace', async () => {
  expect((await (await gateway()).inject('/readyz')).statusCode).toBe(200);
});
