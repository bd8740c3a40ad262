import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { namesOf, stepsOf } from '../../bench/recovery/history.ts';
import { eventually } from '../../lab/eventually.ts';
import { breakLab } from '../../lab/faults.ts';
import { type Lab, up } from '../../lab/lab.ts';
import type { Report } from '../../plan/report.ts';
import { registerSearchAttributes } from '../../workers/register-search-attributes.ts';
import { createFakes, delayed, type Fakes } from '../support/workflows/fakes.ts';
import { approve, startFailover, teeiPlan, withWorkers } from '../support/workflows/harness.ts';
import type { Run } from './matrix.ts';

export const TEMPORAL = 'third-place/temporal';

/** How long each activity takes, so that a whole failover takes a few seconds and is killed in the middle. */
const STEP_MS = 200;
const WHOLE_MS = 2_000;
const WITHIN_MS = 90_000;

/** Failovers that had ended before their moment came are drawn anew, but not for ever. */
const DRAWS = 3;

/**
 * Real failovers on a real Temporal that is killed and started again on what it had written, each time at another
 * moment. The activities do nothing but take time and count: what real ones do when they are repeated is for the runs of
 * `temporal-gameday`.
 */
export async function* temporalKilled(times: number, goneAtMostMs?: number): AsyncGenerator<Run> {
  const lab = await up({ name: `temporal-killed-${process.pid}`, only: [TEMPORAL] });
  const address = lab.wiring['TEMPORAL_ADDRESS'] ?? '';
  const nativeConnection = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(nativeConnection, 'default');
    const client = new Client({ connection });
    const env = { nativeConnection, client, currentTimeMs: async () => Date.now() } as TestWorkflowEnvironment;
    yield* struckTimes(times, (run) => killOnce(lab, env, run, someTimeGone(goneAtMostMs)));
  } finally {
    await connection.close();
    await nativeConnection.close();
    await lab.down();
  }
}

/** Goes on until that many runs were struck; too many that were not are a failure of their own. */
export async function* struckTimes(times: number, once: (run: number) => Promise<Run>): AsyncGenerator<Run> {
  let struck = 0;
  for (let run = 1; struck < times; run++) {
    if (run > times * DRAWS) {
      const wrong = `only ${struck} of ${run - 1} failovers still ran when Temporal was to be killed`;
      yield { name: 'Temporal killed', struck: true, wrong };
      return;
    }
    const seen = await once(run);
    if (seen.struck) struck += 1;
    yield seen;
  }
}

/** How long Temporal is gone at most: several times what a step may be silent before it is taken for dead. */
const GONE_MS = 20_000;

export const someTimeGone = (atMostMs = GONE_MS) => Math.round(Math.random() * atMostMs);

/**
 * Kills Temporal if the recovery still runs, and starts it again after that many milliseconds. Answers when it was killed;
 * null when it was not.
 */
export async function killTemporal(lab: Lab, recovery: WorkflowHandle, goneMs: number): Promise<number | null> {
  const { status } = await recovery.describe();
  if (status.name !== 'RUNNING') return null;
  await breakLab(lab, [TEMPORAL]);
  const killedMs = Date.now();
  await sleep(goneMs);
  // As a supervisor does: its port is free only when the last thread of the killed process has gone.
  const patience = { what: 'Temporal to start again', withinMs: 30_000 };
  await eventually(patience, () => lab.startService(TEMPORAL));
  return killedMs;
}

async function killOnce(lab: Lab, env: TestWorkflowEnvironment, run: number, goneMs: number): Promise<Run> {
  const afterMs = Math.round(Math.random() * WHOLE_MS);
  const name = `Temporal killed ${run}: ${afterMs} ms after the approval, gone for ${goneMs} ms`;
  const fakes = slowFakes();
  try {
    return await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, await teeiPlan());
      await approve(env, recovering);
      await sleep(afterMs);
      const killedMs = await killTemporal(lab, recovering, goneMs);
      const report = await Promise.race([recovering.result(), sleep(WITHIN_MS)]);
      if (killedMs === null) return { name, struck: false, wrong: null };
      const wrong = report
        ? [...unfinished(report), ...(await doneWrongly(recovering, fakes, killedMs))]
        : ['not resumed'];
      return { name, struck: true, wrong: wrong.length > 0 ? wrong.join('; ') : null };
    });
  } catch (error) {
    return { name, struck: true, wrong: String(error) };
  }
}

function unfinished({ outcome, reason, phases }: Report): string[] {
  const left = phases.filter((phase) => phase.outcome !== 'done').map((phase) => `${phase.name} ${phase.outcome}`);
  return outcome === 'recovered' ? left : [`${outcome}: ${reason}`, ...left];
}

/**
 * Temporal has a step done at least once: one whose end it was not told may be done again, which real activities must
 * stand. What it had been told before it died must not be, and nothing in the history may be without a call.
 */
async function doneWrongly(recovering: WorkflowHandle, { calls }: Fakes, killedMs: number): Promise<string[]> {
  const steps = stepsOf(await recovering.fetchHistory()).filter(({ verb }) => verb !== 'storeBreakGlass');
  const toldLater = new Set(namesOf(steps.filter(({ completedMs }) => completedMs >= killedMs)));
  const times = (some: readonly string[], name: string) => some.filter((each) => each === name).length;
  return [...new Set([...namesOf(steps), ...calls])].flatMap((name) => {
    const [done, told] = [times(calls, name), times(namesOf(steps), name)];
    const right = toldLater.has(name) ? done >= told : done === told;
    return right ? [] : [`${name}: ${done} times, of which Temporal knows ${told}`];
  });
}

function slowFakes(): Fakes {
  const { calls, activities } = createFakes();
  return { calls, activities: delayed(activities, (verb) => (verb === 'verifySignatures' ? 0 : STEP_MS)) };
}
