import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { breakLab } from '../../lab/faults.ts';
import { approver } from '../../lab/gameday/approve.ts';
import { underWay } from '../../lab/gameday/measure.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { PRIMARY, STANDBY } from '../../lab/shapes/two-sites.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { ScenarioName } from '../../plan/schema.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import { fetchStatus, startRecovery } from '../../starter/recoveries.ts';
import { silent } from '../../tests/support/gameday/support.ts';
import type { GateStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { recover } from '../../workflows/recovery/recover.ts';
import { type Run, readable } from './history.ts';

/** People take longer than the dead region's lease lives, which is 4.5 s with its skew: no form waits for it. */
const APPROVED_AFTER_MS = 6_000;

const ASKED_WITHIN_MS = 180_000;
const ENDED_WITHIN_MS = 600_000;

/** A lab that is up, encrypts as production does, and is written to, in which the same region can be lost again and again. */
export interface Theatre {
  lab: Lab;
  plan: RecoveryPlan;
  client: Client;
  signal: AbortSignal;
  close(): Promise<void>;
}

/** Until it is started again, nobody listens to the alert rules, which would start failovers by themselves. */
export const ALERTS = 'third-place/alertmanager';

/** The alerts would start failovers beside those that are measured. */
async function openTheatre(name: string): Promise<Theatre> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const { signal } = interrupted;
  const lab = await up({ name, encrypted: true, signal });
  try {
    Object.assign(process.env, lab.wiring);
    const plan = await loadRecoveryPlan({ system: lab.shape.system, environment: 'lab' });
    await breakLab(lab, [ALERTS]);
    await underWay(lab, signal);
    const client = openClient();
    const close = async () => {
      await closeClient(client);
      await lab.down();
    };
    return { lab, plan, client, signal, close };
  } catch (error) {
    await lab.down();
    throw error;
  }
}

/** Plays in a lab of that name, which is brought down afterwards. */
export async function inTheatre<T>(name: string, play: (theatre: Theatre) => Promise<T>): Promise<T> {
  const theatre = await openTheatre(name);
  try {
    return await play(theatre);
  } finally {
    await theatre.close();
  }
}

/**
 * Kills every process of the primary region, and answers when the failover is to be approved, in milliseconds since 1970.
 */
export function loseRegion({ lab }: Theatre): number {
  lab.signal(PRIMARY, 'SIGKILL');
  return Date.now() + APPROVED_AFTER_MS;
}

/** Everything in the lost region starts again on the data that it had, and Lifeboat brings the system back to it. */
export async function bringBack(theatre: Theatre): Promise<void> {
  const { lab, signal } = theatre;
  await breakLab(lab, ['restore', PRIMARY]);
  await run(theatre, 'failback', { from: STANDBY, to: PRIMARY });
  await underWay(lab, signal);
}

interface Course {
  from: string;
  to: string;
  /** When people approve, in milliseconds since 1970; at once when absent. */
  approveAtMs?: number;
  /** What happens once they have. */
  meanwhile?: () => Promise<void>;
}

/**
 * Has Lifeboat play a scenario to its end. Nobody asks how it stands once it is approved: each question is work for the
 * worker that is measured. Throws unless it ends as recovered.
 */
export async function run(theatre: Theatre, scenario: ScenarioName, course: Course): Promise<Run> {
  const { plan, client } = theatre;
  const { from, to } = course;
  const detectedAt = new Date().toISOString();
  const { runId } = await startRecovery(client, { plan, scenario, from, to, detectedAt, trigger: 'a measurement' });
  return await seeThrough(theatre, await untilAsked(theatre, (status) => status.runId === runId), course);
}

/** From its gate to its end. */
export async function seeThrough(
  { lab, plan, client, signal }: Theatre,
  { status, gate }: Asked,
  { approveAtMs = 0, meanwhile }: Pick<Course, 'approveAtMs' | 'meanwhile'>,
): Promise<Run> {
  await until(approveAtMs, signal);
  const approvedMs = Date.now();
  await approver(client, plan, { lab, yes: true, screen: silent })(status, gate);
  const handle = client.workflow.getHandle<typeof recover>(status.workflowId, status.runId);
  const [{ outcome, reason }] = await Promise.all([inTime(handle.result()), meanwhile?.()]);
  if (outcome !== 'recovered') throw new Error(`the ${status.scenario} ended as ${outcome}: ${reason}`);
  return { history: await readable(await handle.fetchHistory()), approvedMs };
}

interface Asked {
  status: RecoveryStatus;
  gate: GateStatus;
}

/** The first gate of the recovery that is meant: an earlier one may answer until it has started. */
export async function untilAsked(
  { client, plan, signal }: Theatre,
  isMeant: (status: RecoveryStatus) => boolean,
): Promise<Asked> {
  return await eventually({ what: 'the gate', withinMs: ASKED_WITHIN_MS, signal }, async () => {
    const status = await fetchStatus(client, plan.system);
    const [gate] = status.gates;
    if (!isMeant(status) || gate === undefined) throw new Error(status.summary);
    return { status, gate };
  });
}

async function inTime<T>(result: Promise<T>): Promise<T> {
  const late = sleep(ENDED_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`the recovery has not ended after ${ENDED_WITHIN_MS} ms`);
  });
  return await Promise.race([result, late]);
}

/** Waits for a moment, in milliseconds since 1970. */
export async function until(ms: number, signal: AbortSignal): Promise<void> {
  const patience = { what: 'the approval', withinMs: Math.max(0, ms - Date.now()) + 1_000, everyMs: 5, signal };
  await eventually(patience, async () => {
    if (Date.now() < ms) throw new Error('it is not yet time');
  });
}
