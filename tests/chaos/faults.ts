import { eventually } from '../../lab/eventually.ts';
import { otherRegion, PRIMARY, type Region } from '../support/lab/shape.ts';
import { CallFaults, type Injected } from './calls/call-faults.ts';
import { failOver, type Played } from './failovers/fail-over.ts';
import { FastLab } from './failovers/fast-lab.ts';
import { judge, servingOf } from './failovers/judge.ts';
import { look } from './failovers/look.ts';
import { plotOf } from './failovers/plot.ts';
import { settle } from './failovers/settle.ts';
import type { Run } from './matrix.ts';

/** Of each call of an activity to the outside. */
export const PROBABILITY = 0.005;

const WITHIN_MS = 150_000;
/** A machine under load may need a second try. */
const LAB_WITHIN_MS = 600_000;
const LOOK_WITHIN_MS = 10_000;

/** What all runs came to, for the end. */
interface Account {
  outcomes: Record<string, number>;
  faults: Record<string, number>;
  calls: number;
  unsafe: number;
  unfinished: number;
  seconds: number[];
}

/** A lab in use, and what is remembered from run to run. */
interface Stage {
  fast: FastLab;
  faults: CallFaults;
  serving: Region;
  /** Acknowledged writes that failovers in this lab have lost. */
  lost: number;
}

/**
 * Failover after failover from one region to the other and back, by the real workflow and the real activities on real
 * services, each call of an activity failing with a probability. A lab in which a run went wrong is replaced.
 *
 * @param seed what goes wrong follows from it: run n of seed s is the first run of seed s.n
 */
export async function* faultyFailovers(times: number, seed: string, signal: AbortSignal): AsyncGenerator<Run> {
  const faults = new CallFaults(PROBABILITY);
  const account: Account = { outcomes: {}, faults: {}, calls: 0, unsafe: 0, unfinished: 0, seconds: [] };
  let stage: Stage | null = null;
  console.log(`  seed ${seed}`);
  try {
    for (let run = 1; run <= times && !signal.aborted; run++) {
      const ofRun = run === 1 ? seed : `${seed}.${run}`;
      stage ??= await eventually({ what: 'a lab', withinMs: LAB_WITHIN_MS, signal }, () => openStage(faults, signal));
      const seen = await failOnce(stage, ofRun, account, signal);
      yield seen;
      if (seen.wrong === null) continue;
      await stage.fast.end();
      stage = null;
    }
  } finally {
    await stage?.fast.end();
    faults.end();
    summarise(account);
  }
}

async function openStage(faults: CallFaults, signal: AbortSignal): Promise<Stage> {
  const fast = await FastLab.start(`faults-${process.pid}`, faults, signal);
  try {
    await settle(fast, PRIMARY);
    return { fast, faults, serving: PRIMARY, lost: 0 };
  } catch (error) {
    await fast.end();
    throw error;
  }
}

async function failOnce(stage: Stage, seed: string, account: Account, signal: AbortSignal): Promise<Run> {
  const { fast, faults, serving: from } = stage;
  const course = { from, to: otherRegion(from) };
  const plot = plotOf(seed);
  const name = `${seed} ${from} -> ${course.to}, ${plot.kind}${plot.kind === 'killed' ? '' : ` ${plot.afterMs} ms`}`;
  const startedAt = Date.now();
  try {
    const before = await eventually({ what: 'a look', withinMs: LOOK_WITHIN_MS }, () => look(fast));
    faults.arm(seed);
    const played = await failOver(fast, course, plot, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
    const { calls, injected } = faults.disarm();
    const { unsafe, lost } = await judge(fast, course, before, played.report, stage.lost);
    stage.lost += lost;
    stage.serving = servingOf(course, played.report);
    count(account, played, calls, injected, unsafe);
    await settle(fast, stage.serving);
    const whole = (Date.now() - startedAt) / 1000;
    const wrong = unsafe.length === 0 ? null : `UNSAFE: ${unsafe.join('; ')}; ${told(played, injected)}`;
    return { name: `${name}: ${told(played, injected)}; ${whole.toFixed(1)} s in all`, struck: true, wrong };
  } catch (error) {
    const { injected } = faults.disarm();
    account.unfinished += 1;
    return { name, struck: true, wrong: `unfinished: ${reasonOf(error)}; ${listed(injected)}` };
  }
}

function told({ report, seconds, retried, gates }: Played, injected: readonly Injected[]): string {
  const more = [
    ...(report.outcome === 'recovered' ? [] : [report.reason]),
    ...gates.filter((gate) => gate !== 'approve').map((gate) => `gate ${gate}`),
    ...retried.map((why) => `retried ${why}`),
  ];
  return [`${report.outcome} after ${seconds.toFixed(1)} s`, ...more, listed(injected)].join('; ');
}

function listed(injected: readonly Injected[]): string {
  const faults = injected.map(({ kind, call }) => `${kind} ${call}`);
  return `${injected.length} faults${faults.length === 0 ? '' : ` (${faults.join(', ')})`}`;
}

function count(account: Account, played: Played, calls: number, injected: readonly Injected[], unsafe: string[]): void {
  const { outcome } = played.report;
  account.outcomes[outcome] = (account.outcomes[outcome] ?? 0) + 1;
  for (const { kind } of injected) account.faults[kind] = (account.faults[kind] ?? 0) + 1;
  account.calls += calls;
  account.unsafe += unsafe.length === 0 ? 0 : 1;
  account.seconds.push(played.seconds);
}

function summarise({ outcomes, faults, calls, unsafe, unfinished, seconds }: Account): void {
  const list = (counts: Record<string, number>) => Object.entries(counts).map(([what, number]) => `${number} ${what}`);
  const injected = Object.values(faults).reduce((sum, number) => sum + number, 0);
  const sorted = seconds.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  console.log(`  ${[...list(outcomes), `${unfinished} unfinished`].join(', ')}; median ${median.toFixed(1)} s`);
  console.log(`  ${injected} faults in ${calls} calls: ${list(faults).join(', ')}`);
  console.log(`  ${unsafe} unsafe outcomes`);
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
};
