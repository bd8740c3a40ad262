import { up } from '../../../lab/lab.ts';
import { ONCE } from '../../chaos/effects.ts';
import { struckFailover } from '../../chaos/struck-failover.ts';
import { failed, GAMEDAY_TIMEOUT_MS } from '../../support/gameday/support.ts';

/**
 * The worker that drives the failover dies when PostgreSQL is promoted and Temporal does not know it yet; another one
 * goes on where it was, and each effect has happened once. Replication is synchronous: nothing acknowledged is lost.
 */
test(
  'a worker killed right after the promotion, in the middle of the failover: another one finishes it',
  async () => {
    const signal = AbortSignal.timeout(GAMEDAY_TIMEOUT_MS - 20_000);
    const lab = await up({ name: 'worker-killed', synchronous: true, signal });
    try {
      const { struck, played, effects } = await struckFailover(lab, 'promoteDatabase', signal);
      expect(struck).toBe(true);
      expect(failed(played)).toEqual([]);
      expect(played.report).toMatchObject({
        outcome: 'recovered',
        recoveryTime: { met: true },
        dataLoss: { lostAcknowledgedWrites: 0, met: true },
      });
      expect(played.measured.lost).toBe(0);
      expect(effects).toEqual(ONCE);
    } finally {
      await lab.down();
    }
  },
  GAMEDAY_TIMEOUT_MS,
);
