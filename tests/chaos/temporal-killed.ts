import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { eventually } from '../../lab/eventually.ts';
import { breakLab } from '../../lab/faults.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { registerSearchAttributes } from '../../workers/register-search-attributes.ts';
import { createFakes, delayed, type Fakes } from '../workflows/support/fakes.ts';
import { approve, startFailover, teeiPlan, withWorkers } from '../workflows/support/harness.ts';
import type { Run } from './matrix.ts';

/** How long each activity takes, so that a whole failover takes a few seconds and is killed in the middle. */
const STEP_MS = 200;
const WHOLE_MS = 2_000;
const WITHIN_MS = 90_000;

/**
 * Real failovers on a real Temporal that is killed and started again on what it had written, each time at another
 * moment. The activities do nothing but take time: what real ones do when they are repeated is for the other runs.
 */
export async function* temporalKilled(times: number): AsyncGenerator<Run> {
  const lab = await up({ name: `temporal-killed-${process.pid}`, only: ['third-place/temporal'] });
  const address = lab.wiring['TEMPORAL_ADDRESS'] ?? '';
  const nativeConnection = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(nativeConnection, 'default');
    const client = new Client({ connection });
    const env = { nativeConnection, client, currentTimeMs: async () => Date.now() } as TestWorkflowEnvironment;
    for (let run = 1; run <= times; run++) yield await killOnce(lab, env, run);
  } finally {
    await connection.close();
    await nativeConnection.close();
    await lab.down();
  }
}

async function killOnce(lab: Lab, env: TestWorkflowEnvironment, run: number): Promise<Run> {
  const afterMs = Math.round(Math.random() * WHOLE_MS);
  const name = `Temporal killed ${run}: ${afterMs} ms after the approval`;
  try {
    const fakes = slowFakes();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, await teeiPlan());
      await approve(env, recovering);
      await sleep(afterMs);
      await breakLab(lab, ['third-place/temporal']);
      await startAgain(lab);
      return await Promise.race([recovering.result(), sleep(WITHIN_MS)]);
    });
    const unfinished = report?.phases.filter(({ outcome }) => outcome !== 'done').map((phase) => phase.name);
    const good = report?.outcome === 'recovered' && unfinished?.length === 0;
    return { name, struck: true, wrong: good ? null : `${report?.outcome ?? 'not resumed'}: ${unfinished?.join()}` };
  } catch (error) {
    return { name, struck: true, wrong: String(error) };
  }
}

/** As a supervisor does: its port is free only when the last thread of the killed process has gone. */
async function startAgain(lab: Lab): Promise<void> {
  const patience = { what: 'Temporal to start again', withinMs: 30_000 };
  await eventually(patience, () => lab.startService('third-place/temporal'));
}

function slowFakes(): Fakes {
  const { calls, activities } = createFakes();
  return { calls, activities: delayed(activities, (verb) => (verb === 'verifySignature' ? 0 : STEP_MS)) };
}
