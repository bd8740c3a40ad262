import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { buildGateway } from '../../../starter/webhooks/gateway.ts';
import { incidentsInTemporal } from '../../../starter/webhooks/incidents.ts';
import { incidentId, recoveryId } from '../../../workflows/incident-messages.ts';
import { fallSilent, noData } from '../../chaos/silence.ts';
import { alert, payload } from '../../support/starter/webhooks/payloads.ts';
import { createFakes, hold } from '../../support/workflows/fakes.ts';
import { approve, type Recovering, startRealServer, teeiPlan, withWorkers } from '../../support/workflows/harness.ts';
import { incidentWhen, type OpenIncident, withRule } from '../../support/workflows/incidents.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startRealServer();
}, 60_000);
afterAll(() => env?.teardown());

const KEY = 'of-this-test';

/** `npm run chaos -- silence` plays it on a whole lab. */
test('while the region is dead its alert is resolved, then Grafana has no data: the incident stays open, observes and recovers', async () => {
  const plan = withRule(await teeiPlan(), 'region-lost', { for: '10s' });
  const short = { ...plan, decisions: { ...plan.decisions, lookEvery: '1s' } };
  const held = { ...short, ...hold(short) };
  const log = pino({ level: 'silent' });
  const incidents = incidentsInTemporal(env.client);
  const app = buildGateway({ plans: [held], incidents, secrets: { get: async () => KEY }, log });
  const open = env.client.workflow.getHandle(incidentId(held.system)) as OpenIncident;
  const post = async (url: string, headers: Record<string, string>, body: object | string) => {
    const answer = await app.inject({ method: 'POST', url, headers, payload: body });
    expect([answer.statusCode, answer.json().accepted]).toEqual([200, 1]);
  };
  const startsAt = new Date().toISOString();
  const { report, observedAt } = await withWorkers(env, createFakes(), async () => {
    const observedAt = await fallSilent({
      say: (status) =>
        post('/webhooks/alertmanager', { authorization: `Bearer ${KEY}` }, payload(alert({ status, startsAt }))),
      sayNoData: () => {
        const { headers, payload: body } = noData(held.system, KEY);
        return post('/webhooks/grafana', headers, body);
      },
      incidentWhen: (_, fits) => incidentWhen(open, fits),
    });
    await incidentWhen(open, ({ summary }) => /under way/.test(summary));
    const recovering = env.client.workflow.getHandle(recoveryId(held.system)) as Recovering;
    await approve(env, recovering);
    return { report: await recovering.result(), observedAt };
  });
  await app.close();
  expect(report.outcome).toBe('recovered');
  expect(observedAt < report.startedAt).toBe(true);
  await open.terminate('the test has seen what it wanted');
}, 120_000);
