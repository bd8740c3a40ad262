import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { signFor } from '../../starter/decide.ts';
import { incidentStatement, sendToIncident } from '../../starter/incidents.ts';
import { fetchIncident } from '../../starter/recoveries.ts';
import { alertBody, postAlert } from '../../starter/test-alert.ts';
import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import { eventually } from '../eventually.ts';
import type { Lab } from '../lab.ts';
import type { Screen } from './screen.ts';

/** The open incident of a lab's system, as people and their monitoring see it. */
export interface Watching {
  lab: Lab;
  client: Client;
  plan: RecoveryPlan;
  screen: Screen;
  signal: AbortSignal;
}

/** Prometheus, Alertmanager, the gateway and two looks take about ten seconds; machines are busy at times. */
const WITHIN_MS = 120_000;

/** The incident as soon as it fits. Each new summary of it is shown. */
export async function incidentWhen(
  { client, plan, screen, signal }: Watching,
  what: string,
  fits: (status: IncidentStatus) => boolean,
): Promise<IncidentStatus> {
  let shown = '';
  return await eventually({ what, withinMs: WITHIN_MS, everyMs: 200, signal }, async () => {
    const status = await fetchIncident(client, plan.system);
    if (status === null) throw new Error('no incident is open');
    if (status.summary !== shown) screen.note(`incident: ${status.summary}`);
    shown = status.summary;
    if (!fits(status)) throw new Error(status.summary);
    return status;
  });
}

/** Somebody sees to the last recovery, if there was one, and the incident closes when no alert fires any more. */
export async function incidentCloses(watching: Watching): Promise<void> {
  const { lab, client, plan, signal } = watching;
  const keyFile = join(lab.folder, 'keys', 'sre-on-call');
  await eventually({ what: 'the incident to close', withinMs: WITHIN_MS, everyMs: 500, signal }, async () => {
    const status = await fetchIncident(client, plan.system);
    if (status === null) return;
    if (status.decisions.some(({ verb }) => verb === 'acknowledge')) {
      const wish = { verb: 'acknowledge' as const, reason: 'the drill is over' };
      const decision = await signFor(plan, { keyFile }, (signer) => incidentStatement(status, wish, signer));
      await sendToIncident(client, decision);
    }
    throw new Error(`${status.counts.firing} alerts fire; ${status.summary}`);
  });
}

/** An alert of monitoring that the lab does not have, by the way that all alerts come. */
export async function sendAlert({ lab, plan }: Watching, name: string, summary: string, resolved = false) {
  const token = await readFile(join(lab.folder, 'secrets', 'gateway', 'token'), 'utf8');
  const { host, port } = lab.endpoint('third-place/gateway');
  const { system, alerts: rules } = plan;
  const body = alertBody({ system, rules, name, resolved, summary, now: new Date() });
  await postAlert(`http://${host}:${port}`, token.trim().split(/\s+/)[0] ?? '', body, 10_000);
}
