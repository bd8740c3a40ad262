import { jest } from '@jest/globals';
import { alertCommand } from '../../../starter/cli/alert.ts';
import { printVerdict } from '../../../starter/cli/decisions.ts';
import { incidentDecisionCommands } from '../../../starter/cli/incident-decisions.ts';
import type { PreparedDecision } from '../../../starter/decide.ts';

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

test('a command whose approval does not take effect does not end as if it did', () => {
  const statement = { verb: 'approve', target: 'approve', workflowId: 'recovery/teei-csr' };
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const before = process.exitCode;
  try {
    const verdict = { accepted: true, askedAgain: true as const, detail: 'approved; it does not take effect' };
    printVerdict({ statement } as unknown as PreparedDecision, verdict, { timeout: 1 });
    expect(process.exitCode).toBe(1);
    expect(String(write.mock.calls[0]?.[0])).toMatch(/^asked again: approved; .* npx lifeboat status teei-csr/);
  } finally {
    process.exitCode = before;
    write.mockRestore();
  }
});
