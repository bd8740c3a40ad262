import { withTemporalControls } from '../../../starter/temporal-controls.ts';
import { minutesLater, waitingStatus } from '../../support/starter/statuses.ts';

const described = (name: string, more: object = {}) =>
  ({ status: { code: 0, name }, closeTime: new Date(minutesLater(7)), raw: {}, ...more }) as never;

test('a run that goes on, or that ended by itself, is shown as it is', () => {
  const status = waitingStatus();
  for (const name of ['RUNNING', 'COMPLETED']) expect(withTemporalControls(status, described(name))).toBe(status);
});

test.each(['TERMINATED', 'TIMED_OUT', 'FAILED', 'CANCELLED'])('a run that is %s waits for no approver', (name) => {
  expect(withTemporalControls(waitingStatus(), described(name))).toMatchObject({
    state: 'failed',
    gates: [],
    waitingSince: null,
    summary: expect.stringMatching(new RegExp(`^${name} in Temporal: nothing was put back.*It was last waiting`)),
  });
});

test('an activity that is paused in Temporal is named, with the command that unpauses it', () => {
  const pendingActivities = [
    { paused: true, activityId: '7', activityType: { name: 'promoteDatabase' } },
    { paused: false, activityId: '8', activityType: { name: 'scaleWorkloads' } },
  ];
  const { summary } = withTemporalControls(waitingStatus(), described('RUNNING', { raw: { pendingActivities } }));
  expect(summary).toMatch(/^PAUSED in Temporal: promoteDatabase \(id 7\); unpause with "temporal activity unpause /);
});
