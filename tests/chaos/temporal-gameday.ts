import { setTimeout as sleep } from 'node:timers/promises';
import { play } from '../../lab/gameday/play.ts';
import { once } from '../../lab/gameday/row.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { silent } from '../support/gameday/support.ts';
import { Watch } from './effects.ts';
import type { Run } from './matrix.ts';
import { wrongWith } from './struck-failover.ts';
import { killTemporal, someTimeGone, struckTimes } from './temporal-killed.ts';

const WITHIN_MS = 400_000;

/** From the approval to the end of the watch. */
const WHOLE_MS = 7_000;

/**
 * Whole region failovers with all that is real, each on a lab of its own; Temporal is killed at a random moment after
 * the approval and started again, some time later, on what it had written. Each effect must be seen once outside.
 */
export async function* temporalGamedays(times: number, signal: AbortSignal): AsyncGenerator<Run> {
  yield* struckTimes(times, async (run) => {
    signal.throwIfAborted();
    const afterMs = Math.round(Math.random() * WHOLE_MS);
    const goneMs = someTimeGone();
    const name = `gameday ${run}: Temporal killed ${afterMs} ms after the approval, gone for ${goneMs} ms`;
    return await inLab({ afterMs, goneMs }, signal).then(
      (seen) => ({ name, ...seen }),
      (error) => ({ name, struck: true, wrong: String(error) }),
    );
  });
}

/** When Temporal is killed, after the approval, and for how long it is gone. */
interface Moment {
  afterMs: number;
  goneMs: number;
}

async function inLab(moment: Moment, signal: AbortSignal): Promise<Pick<Run, 'struck' | 'wrong'>> {
  const lab = await up({ name: `temporal-gameday-${process.pid}`, synchronous: true, signal });
  try {
    return await killInGameday(lab, moment, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
  } finally {
    await lab.down();
  }
}

async function killInGameday(
  lab: Lab,
  { afterMs, goneMs }: Moment,
  signal: AbortSignal,
): Promise<Pick<Run, 'struck' | 'wrong'>> {
  Object.assign(process.env, lab.wiring);
  const outside = await Watch.start(lab);
  const client = openClient();
  let struck = false;
  const strike = once(async ({ workflowId, runId }: RecoveryStatus) => {
    await sleep(afterMs, undefined, { signal });
    struck = (await killTemporal(lab, client.workflow.getHandle(workflowId, runId), goneMs)) !== null;
  });
  const meanwhile = async (status: RecoveryStatus) => {
    if (status.approvals.some(({ accepted }) => accepted)) await strike(status);
  };
  try {
    const played = await play(lab, { screen: silent, signal, yes: true, meanwhile });
    return { struck, wrong: wrongWith(played, await outside.counted()) };
  } finally {
    await outside.end();
    await closeClient(client);
  }
}
