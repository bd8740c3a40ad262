import { alertCommand } from '../../../starter/cli/alert.ts';
import { incidentDecisionCommands } from '../../../starter/cli/incident-decisions.ts';

test('the help of "alert send" warns that a test alert opens a real incident', () => {
  const [send] = alertCommand().commands;
  expect(send?.description()).toBe(
    'sends a test alert. It opens a real incident, and a recovery starts if the observed facts call for it',
  );
});

test('the help of "acknowledge" names its consequence', () => {
  const acknowledge = incidentDecisionCommands().find((command) => command.name() === 'acknowledge');
  expect(acknowledge?.description()).toBe('acknowledge the last recovery and re-enable automatic recoveries (signed)');
});
