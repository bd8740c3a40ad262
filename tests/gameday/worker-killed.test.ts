import { eventually } from '../../lab/eventually.ts';
import { failed, GAMEDAY_TIMEOUT_MS, gameday } from './support.ts';

/**
 * The worker that drives the failover dies while PostgreSQL is being promoted, and is started again: the failover
 * goes on where it was and each effect has happened once. Replication is synchronous: nothing acknowledged is lost.
 */
test(
  'a worker killed in the middle of the failover, and started again, finishes it',
  async () => {
    let killed = 0;
    const played = await gameday('worker-killed', {
      synchronous: true,
      worse: (lab) => ({
        async meanwhile({ phases }) {
          const promoting = phases.some(({ name, state }) => name === 'promote-postgresql' && state === 'running');
          if (killed > 0 || !promoting) return;
          killed = lab.signal('third-place/worker', 'SIGKILL');
          // A killed process is there a moment longer.
          const gone = { what: 'the killed worker to be gone', withinMs: 10_000 };
          await eventually(gone, async () => lab.startService('third-place/worker'));
        },
      }),
    });
    expect(killed).toBeGreaterThan(0);
    expect(failed(played)).toEqual([]);
    expect(played.report).toMatchObject({ outcome: 'recovered', recoveryTime: { met: true }, dataLoss: { met: true } });
    expect(played.measured.lost).toBe(0);
    expect(played.report.dataLoss.lostAcknowledgedWrites).toBe(0);
  },
  GAMEDAY_TIMEOUT_MS,
);
