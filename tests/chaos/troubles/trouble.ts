import { join } from 'node:path';
import { type Ending, type Play, type Played, play, playDisaster } from '../../../lab/gameday/play.ts';
import type { Screen } from '../../../lab/gameday/screen.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { Verb } from '../../../plan/decision.ts';
import type { Report } from '../../../plan/report.ts';
import { closeClient, openClient } from '../../../starter/client.ts';
import { decide } from '../../../starter/decide.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import type { PhaseStatus, RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { SYSTEM } from '../../support/lab/shape.ts';

/** Something that goes wrong during a whole failover, and how the failover ends all the same. */
export interface Trouble {
  /** What is wrong, and how it ends: `NATS is unreachable: paused, retry`. */
  name: string;
  /** Plays it. Answers what was not as it must be; null when all was. */
  endure(stage: Stage): Promise<string | null>;
}

/** A lab of the trouble's own, with everything running. */
export interface Stage {
  lab: Lab;
  signal: AbortSignal;
}

export const silent: Screen = { title() {}, say() {}, note() {}, at() {} };

type Worse = Partial<Omit<Play, 'signal'>>;

/** A gameday that must end recovered, its gates approved at once. */
export function gameday({ lab, signal }: Stage, worse: Worse): Promise<Played> {
  return play(lab, { screen: silent, yes: true, ...worse, signal });
}

/** A disaster that may end in any way, its gates approved at once. */
export function disaster({ lab, signal }: Stage, worse: Worse): Promise<Ending> {
  return playDisaster(lab, { screen: silent, yes: true, ...worse, signal });
}

/** What was not as after a good failover; null when all was. Two writers and understated losses are among it. */
export function unlessRecovered({ report, checks }: Played): string | null {
  if (report.outcome !== 'recovered') return `${report.outcome}: ${report.reason}`;
  const failed = checks.filter(({ passed }) => !passed).map(({ name, seen }) => `${name}: ${seen}`);
  return failed.length > 0 ? failed.join('; ') : null;
}

/** A phase that the trouble befell takes as long at least, and people are told where it is over its budget. */
export function unlessTook({ phases, timeline }: Report, phase: string, forMs: number): string | null {
  const found = phases.find(({ name }) => name === phase);
  const { actualSeconds = null, budgetSeconds = null } = found ?? {};
  if (actualSeconds === null || actualSeconds * 1000 < forMs) return `${phase} took ${actualSeconds} s`;
  if (budgetSeconds === null || actualSeconds <= budgetSeconds) return null;
  const said = timeline.some(({ text }) => text === `${phase} is over its budget of ${budgetSeconds} s`);
  return said ? null : `nobody was told that ${phase} was over its budget`;
}

/** The first thing that was not as it must be. */
export function firstOf(...wrong: (string | null | false)[]): string | null {
  return wrong.find((one): one is string => typeof one === 'string') ?? null;
}

/** What the on-call SRE signs and sends, as the command line does. Throws when it is refused. */
export async function say(lab: Lab, status: RecoveryStatus, verb: Verb, target: string): Promise<void> {
  const plan = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
  const client = openClient();
  try {
    const keyFile = join(lab.folder, 'keys', 'sre-on-call');
    const { accepted, detail } = await decide(client, plan, status, { verb, target, keyFile });
    if (!accepted) throw new Error(`the ${verb} was refused: ${detail}`);
  } finally {
    await closeClient(client);
  }
}

export function pausedPhase(status: RecoveryStatus, name: string): PhaseStatus | undefined {
  return status.phases.find((phase) => phase.name === name && phase.state === 'paused');
}

/** Has the phase begun, or ended already? */
export function hasBegun(status: RecoveryStatus, name: string): boolean {
  return status.phases.some((phase) => phase.name === name && phase.state !== 'waiting');
}

/** Does the work the first time that it is called, and nothing afterwards. */
export function once<T extends unknown[]>(work: (...args: T) => Promise<unknown>): (...args: T) => Promise<void> {
  let done = false;
  return async (...args) => {
    if (done) return;
    done = true;
    await work(...args);
  };
}
