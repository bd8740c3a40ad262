import { playRow, rowNamed } from '../../../lab/gameday/rows/index.ts';
import { up } from '../../../lab/lab.ts';
import { failed, silent } from '../../support/gameday/support.ts';

/** Two recoveries in one lab. */
const TIMEOUT_MS = 420_000;

test(
  'failback after a failover: the region that is back serves again, without losing what was written meanwhile',
  async () => {
    const signal = AbortSignal.timeout(TIMEOUT_MS - 20_000);
    const lab = await up({ name: 'failback', signal });
    try {
      const drilled = await playRow(lab, rowNamed('failback'), { screen: silent, signal, yes: true });
      // Among the checks of the return: what the failover lost stays lost, and nothing more is.
      expect(failed(drilled)).toEqual([]);
      expect(drilled.report).toMatchObject({
        scenario: 'failback',
        outcome: 'recovered',
        dataLoss: { objectiveSeconds: 0, actualSeconds: 0, bytes: 0, met: true },
      });
    } finally {
      await lab.down();
    }
  },
  TIMEOUT_MS,
);
