import { join } from 'node:path';
import { execa } from 'execa';
import { lifeboatServices, restart } from '../../../lab/breaking/processes.ts';
import { ensureTools } from '../../../lab/setup/index.ts';
import { SYSTEM } from '../../support/lab/shape.ts';
import { stopSending } from './replication.ts';
import { firstOf, gameday, once, pausedPhase, type Stage, say, type Trouble, unlessRecovered } from './trouble.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'starter', 'cli', 'main.ts');

/**
 * What makes a process see another time of day (https://github.com/wolfcw/libfaketime).
 *
 * @param by `+10m`: ahead by ten minutes
 */
async function clockOff(by: string): Promise<Record<string, string>> {
  const { faketime = '' } = await ensureTools(['libfaketime']);
  return { LD_PRELOAD: faketime, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

/**
 * Everything of Lifeboat is ten minutes ahead, and the standby had fallen behind when the region died. The loss that
 * people approve of is not less than what is lost, and the fence is not proved by a clock that is wrong.
 */
async function workersAhead(stage: Stage): Promise<string | null> {
  const { lab, signal } = stage;
  await restart(lab, lifeboatServices(lab), { signal, variables: await clockOff('+10m') });
  let expected: number | null = null;
  const played = await gameday(stage, {
    beforeDisaster: () => stopSending(lab, { untilLost: 40, signal }),
    async meanwhile({ gates }) {
      expected ??= gates[0]?.facts?.expectedDataLossSeconds ?? null;
    },
  });
  const { lostSpanSeconds } = played.measured;
  const promoted = played.report.phases.find(({ name }) => name === 'promote-database')?.detail ?? '';
  return firstOf(
    (expected === null || expected < lostSpanSeconds) &&
      `people approved of losing ${expected} s, and ${lostSpanSeconds} s were lost`,
    !/could not renew the lease for its whole ttl/.test(promoted) && `the fence was proved otherwise: ${promoted}`,
    unlessRecovered(played),
  );
}

/** A worker that is behind takes certificates for not valid yet; with the right time it goes on. */
async function workersBehind(stage: Stage): Promise<string | null> {
  const { lab, signal } = stage;
  await restart(lab, lifeboatServices(lab), { signal, variables: await clockOff('-10m') });
  let said: string | null = null;
  const mend = once(() => restart(lab, lifeboatServices(lab), { signal }));
  const played = await gameday(stage, {
    async meanwhile(status) {
      const paused = pausedPhase(status, 'scale-up');
      if (!paused || said !== null) return;
      said = paused.detail;
      await mend();
      await say(lab, status, 'retry', 'scale-up');
    },
  });
  return firstOf(
    !/certificate is not yet valid/.test(said ?? '') && `scale-up said: ${said ?? 'nothing, it did not pause'}`,
    unlessRecovered(played),
  );
}

/** An approver whose clock is off is refused, and told why; with the right time the same person is heard. */
function approverOff(by: string, says: RegExp): (stage: Stage) => Promise<string | null> {
  return async (stage) => {
    const { lab } = stage;
    const env = { ...lab.wiring, ...(await clockOff(by)) };
    let answer: string | null = null;
    const played = await gameday(stage, {
      async meanwhile({ gates }) {
        if (gates.length === 0 || answer !== null) return;
        const run = await execa(process.execPath, [CLI, 'approve', SYSTEM, '--yes'], { env, reject: false });
        answer = `${run.stdout}${run.stderr}`;
      },
    });
    return firstOf(!says.test(answer ?? '') && `the approver was told: ${answer}`, unlessRecovered(played));
  };
}

export const clock: Trouble[] = [
  { name: 'the clocks of Lifeboat are 10 min ahead: recovered, no loss understated', endure: workersAhead },
  { name: 'the clocks of Lifeboat are 10 min behind: scale-up pauses, retry', endure: workersBehind },
  {
    name: "the approver's clock is 20 min ahead: refused, approved again",
    endure: approverOff('+20m', /which is in the future/),
  },
  {
    name: "the approver's clock is 20 min behind: refused, approved again",
    endure: approverOff('-20m', /it expired at/),
  },
];
