import { playMove } from '../../../lab/gameday/play.ts';
import { up } from '../../../lab/lab.ts';
import { busy, failed, GAMEDAY_TIMEOUT_MS, silent } from '../../support/gameday/support.ts';
import { PRIMARY, STANDBY } from '../../support/lab/shape.ts';

test(
  'a switchover under load moves the system without losing a write, and leaves a standby behind',
  async () => {
    const signal = AbortSignal.timeout(GAMEDAY_TIMEOUT_MS - 20_000);
    const lab = await up({ name: 'switchover', signal });
    try {
      const course = { from: PRIMARY, to: STANDBY, timeline: 2 };
      const played = await playMove(lab, { scenario: 'switchover', ...course, screen: silent, signal, yes: true });
      expect(played.report).toMatchObject({
        outcome: 'recovered',
        recoveryTime: { met: true },
        dataLoss: { objectiveSeconds: 0, actualSeconds: 0, lostAcknowledgedWrites: 0, met: true },
      });
      expect(failed(played)).toEqual([]);
      expect(played.measured.lost).toBe(0);
      // Clients wait while the database changes hands and until the name leads elsewhere.
      expect(played.measured.outageMs).toBeLessThan(15_000 * busy());
    } finally {
      await lab.down();
    }
  },
  GAMEDAY_TIMEOUT_MS,
);
