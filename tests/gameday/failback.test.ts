import { play, playMove } from '../../lab/gameday/play.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { PRIMARY, STANDBY } from '../../lab/places.ts';
import { failed, silent } from './support.ts';

/** Two recoveries in one lab. */
const TIMEOUT_MS = 420_000;

/** Power is back: everything in the region starts again on the data that it had. Its database's guard runs already. */
async function comesBack(lab: Lab, region: string, signal: AbortSignal): Promise<void> {
  const running = `${region}/postgres`;
  const last = `${region}/application`;
  const others = lab.services.filter((name) => name.startsWith(`${region}/`) && name !== running && name !== last);
  for (const name of [...others, last]) await lab.startService(name, signal);
}

test(
  'failback after a failover: the region that is back serves again, without losing what was written meanwhile',
  async () => {
    const signal = AbortSignal.timeout(TIMEOUT_MS - 20_000);
    const lab = await up({ name: 'failback', signal });
    try {
      const acting = { screen: silent, signal, yes: true };
      const failover = await play(lab, { ...acting, keepWriting: true });
      expect(failed(failover)).toEqual([]);
      await comesBack(lab, PRIMARY, signal);

      const course = { from: STANDBY, to: PRIMARY, timeline: 3 };
      const lostBefore = failover.measured.lost;
      const played = await playMove(lab, { scenario: 'failback', ...course, lostBefore, ...acting });
      expect(played.report).toMatchObject({
        outcome: 'recovered',
        dataLoss: { objectiveSeconds: 0, actualSeconds: 0, bytes: 0, met: true },
      });
      // What the failover lost stays lost; the return loses nothing more.
      expect(played.measured.lost).toBe(lostBefore);
      expect(failed(played)).toEqual([]);
    } finally {
      await lab.down();
    }
  },
  TIMEOUT_MS,
);
