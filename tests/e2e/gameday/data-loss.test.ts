import { stopSending } from '../../chaos/troubles/replication.ts';
import { failed, GAMEDAY_TIMEOUT_MS, gameday } from '../../support/gameday/support.ts';

const LOST = 40;
/** Orders of the client that the standby may have got just before, and that are acknowledged just after. */
const IN_HAND = 4;

test(
  'asynchronous replication that had fallen behind: what is lost is reported, and never less than the ledger says',
  async () => {
    const played = await gameday('data-loss', {
      worse: (lab, signal) => ({
        beforeDisaster: () => stopSending(lab, { untilLost: LOST + IN_HAND, signal }),
      }),
    });
    const { report, measured } = played;
    expect(measured.lost).toBeGreaterThanOrEqual(LOST);
    expect(report.dataLoss.lostAcknowledgedWrites).toBe(measured.lost);
    expect(report.dataLoss.actualSeconds).toBeGreaterThanOrEqual(measured.lostSpanSeconds);
    expect(failed(played)).toEqual([]);
  },
  GAMEDAY_TIMEOUT_MS,
);
