import type { Client } from '@temporalio/client';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Report } from '../../plan/report.ts';
import type { ScenarioName } from '../../plan/schema.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import { startRecovery } from '../../starter/recoveries.ts';
import type { GateStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { Lab } from '../lab.ts';
import { primaryOf, standbyOf } from '../shapes/shape.ts';
import { approver } from './approve.ts';
import { type Course, checkMoved, checkOutside, type OutsideCheck } from './checks.ts';
import { followRecovery } from './follow.ts';
import { type Measured, measure, stopClient, underWay } from './measure.ts';
import type { Screen } from './screen.ts';

interface Acting {
  screen: Screen;
  signal: AbortSignal;
  /** Approve without asking. */
  yes: boolean;
  /** Makes matters worse while the recovery runs; called with every status that is seen. */
  meanwhile?: (status: RecoveryStatus) => Promise<void>;
  /** Gates that are left to `meanwhile`; the others are approved. */
  leaves?: readonly string[];
}

export interface Play extends Acting {
  /** Makes matters worse just before the region dies. */
  beforeDisaster?: () => Promise<void>;
  /** Start the failover by hand, by this plan, and not by the alert that follows. */
  byHand?: RecoveryPlan;
  /** Go on writing afterwards, for what comes next. */
  keepWriting?: boolean;
}

export interface Move extends Acting, Course {
  /** Writes that an earlier disaster has lost; they stay lost. */
  lostBefore?: number;
  scenario: Exclude<ScenarioName, 'region-failover'>;
}

export interface Played {
  report: Report;
  measured: Measured;
  checks: OutsideCheck[];
}

/** How a disaster ended. */
export interface Ending {
  report: Report;
  /** Milliseconds since 1970 of the disaster. */
  since: number;
}

/** Kills the primary region of a lab under write load, has the failover approved, and measures from outside. */
export async function play(lab: Lab, acting: Play): Promise<Played> {
  const played = await lookAfter(lab, await playDisaster(lab, acting), acting.signal);
  if (!acting.keepWriting) await stopClient(lab);
  return played;
}

/** Measures from outside what a failover that recovered has led to. */
export async function lookAfter(lab: Lab, { report, since }: Ending, signal: AbortSignal): Promise<Played> {
  const course = { ...failoverOf(lab), timeline: 2 };
  const measured = await measure(lab, since, { ...course, signal });
  return { report, measured, checks: await checkOutside(lab, course, report, measured) };
}

/** The same without a look from outside, for a failover that need not end in the other region. */
export async function playDisaster(lab: Lab, acting: Omit<Play, 'keepWriting'>): Promise<Ending> {
  const { screen, signal, beforeDisaster, byHand } = acting;
  return await onStage(lab, signal, async (client, plan) => {
    await beforeDisaster?.();
    const { from } = failoverOf(lab);
    screen.title(`Disaster: every process of ${from} is killed`);
    const since = Date.now();
    screen.note(`${lab.signal(from, 'SIGKILL')} processes killed under write load`);
    if (byHand) await startByHand(client, byHand, { ...failoverOf(lab), since });
    return { report: await see(lab, client, byHand ?? plan, { ...acting, since, title: 'Failover' }), since };
  });
}

/** Moves a lab's system under write load from one region to the other as planned, and measures from outside. */
export async function playMove(lab: Lab, move: Move): Promise<Played> {
  const { scenario, from, to, signal } = move;
  return await onStage(lab, signal, async (client, plan) => {
    const since = Date.now();
    const detectedAt = new Date(since).toISOString();
    await startRecovery(client, { plan, scenario, from, to, detectedAt, trigger: 'a gameday' });
    const report = await see(lab, client, plan, { ...move, since, title: `${scenario} ${from} -> ${to}` });
    const measured = await measure(lab, since, { from, to, signal });
    return { report, measured, checks: await checkMoved(lab, move, report, measured) };
  });
}

/** From where a lab's system fails over, and to where. */
export function failoverOf({ shape }: Lab): { from: string; to: string } {
  return { from: primaryOf(shape), to: standbyOf(shape) };
}

async function startByHand(
  client: Client,
  plan: RecoveryPlan,
  { from, to, since }: { from: string; to: string; since: number },
): Promise<void> {
  const detectedAt = new Date(since).toISOString();
  const scenario = 'region-failover';
  await startRecovery(client, { plan, scenario, from, to, detectedAt, trigger: 'a gameday' });
}

/** What every act needs: the plan, a client of Temporal, and traffic that is under way. */
export async function onStage<T>(
  lab: Lab,
  signal: AbortSignal,
  act: (client: Client, plan: RecoveryPlan) => Promise<T>,
): Promise<T> {
  Object.assign(process.env, lab.wiring);
  const plan = await loadRecoveryPlan({ system: lab.shape.system, environment: 'lab' });
  await underWay(lab, signal);
  const client = openClient();
  try {
    return await act(client, plan);
  } finally {
    await closeClient(client);
  }
}

/** Follows the recovery to its report, its gates decided on the way. */
function see(
  lab: Lab,
  client: Client,
  plan: RecoveryPlan,
  { screen, signal, yes, meanwhile, leaves = [], since, title }: Acting & { since: number; title: string },
): Promise<Report> {
  const approve = approver(client, plan, { lab, yes, screen });
  const decide = async (status: RecoveryStatus, gate: GateStatus, elsewhere: AbortSignal) => {
    if (!leaves.includes(gate.name)) await approve(status, gate, elsewhere);
  };
  const following = { since, title, decide, screen, signal, ...(meanwhile && { meanwhile }) };
  return followRecovery(client, plan.system, following);
}
