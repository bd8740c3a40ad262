import { blockedUntil, blocking } from '../../../plan/decide/guards.ts';
import { afterRecovery, NO_HISTORY, type PastRecovery } from '../../../plan/decide/history.ts';

const past = (scenario: PastRecovery['scenario'], outcome: string, minute: number): PastRecovery => ({
  ...{ system: 'teei', id: `recovery/teei/${minute}`, scenario, outcome, acknowledged: false },
  endedAt: new Date(minute * 60_000).toISOString(),
});
const after = (...all: PastRecovery[]) => all.reduce(afterRecovery, NO_HISTORY);

test('failovers wait for failovers, however well planned work went since', () => {
  const history = after(past('region-failover', 'recovered', 0), past('failback', 'recovered', 20));
  expect(blockedUntil(blocking(history, 'region-failover'), '1h')).toBe(60 * 60_000);
  expect(blockedUntil(blocking(history, 'switchover'), '1h')).toBe(80 * 60_000);
});

test.each(['switchover', 'failback'] as const)('a %s that ended in order holds up planned work alone', (scenario) => {
  for (const outcome of ['recovered', 'refused']) {
    const history = after(past(scenario, outcome, 0));
    expect(blocking(history, 'region-failover')).toBeNull();
    expect(blocking(history, 'switchover')).toMatchObject({ scenario });
  }
  for (const outcome of ['failed', 'aborted', 'rolled-back']) {
    expect(blocking(after(past(scenario, outcome, 0)), 'region-failover')).toMatchObject({ outcome });
  }
});
