import type { Client } from '@temporalio/client';
import type { Statement } from '../plan/decision.ts';
import type { IncidentStatus, OpenDecision } from '../workflows/incident-messages.ts';
import { type DecisionVerdict, decideUpdate, TASK_QUEUE } from '../workflows/recovery/messages.ts';
import { DEFAULT_TIMEOUT_MS } from './client.ts';
import type { PreparedDecision } from './decide.ts';
import { StarterError } from './errors.ts';
import { fetchIncident } from './recoveries.ts';
import { freshStatement } from './statement.ts';
import { call } from './temporal-call.ts';
import { verdictOf } from './update.ts';

/** The status of the system's open incident. Fails when there is none. */
export async function openIncident(
  client: Client,
  system: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<IncidentStatus> {
  const incident = await fetchIncident(client, system, timeoutMs);
  if (incident !== null) return incident;
  throw new StarterError('nothing-running', `no incident of ${system} is open`);
}

export interface IncidentWish {
  verb: OpenDecision['verb'];
  reason: string;
  /** Which scenario an override starts; found out when there is only one. */
  scenario?: string | undefined;
}

/** The one thing that the wish can mean just now. Fails with what the incident says instead. */
export function chooseDecision(status: IncidentStatus, { verb, scenario }: IncidentWish): OpenDecision {
  const open = status.decisions.filter((each) => each.verb === verb);
  const meant = scenario === undefined ? open : open.filter(({ action }) => action.includes(` ${scenario} `));
  const [one] = meant;
  if (one !== undefined && meant.length === 1) return one;
  if (open.length === 0) {
    const why = verb === 'acknowledge' ? 'has no recovery to acknowledge' : 'has a recovery under way';
    throw new StarterError('refused', `${status.workflowId} ${why}: ${status.summary}`);
  }
  throw new StarterError('usage', `which scenario? ${open.map(({ action }) => action).join(' | ')}`);
}

/** The statement to be signed, in the very words that the incident compares it with. */
export function incidentStatement(
  status: IncidentStatus,
  wish: IncidentWish,
  signer: { identity: string; now: Date; expiresMs: number },
): Statement {
  const { verb, target, action } = chooseDecision(status, wish);
  return freshStatement(status, { verb, target, action, factsDigest: null, reason: wish.reason }, signer);
}

/** Sends it to whichever run of the incident is open; its decisions are bound to the first. */
export function sendToIncident(
  client: Client,
  { statement, signed }: PreparedDecision,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<DecisionVerdict> {
  const { workflowId, runId, nonce } = statement;
  const missing = `${workflowId} is closed`;
  const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  return call({ client, timeoutMs, answeredBy: 'worker', missing, taskQueue: TASK_QUEUE }, () =>
    verdictOf(() => handle.executeUpdate(decideUpdate, { args: [signed], updateId: nonce })),
  );
}
