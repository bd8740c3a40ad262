import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import { approver } from '../../../../lab/gameday/approve.ts';
import { followRecovery } from '../../../../lab/gameday/follow.ts';
import type { Lab } from '../../../../lab/lab.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import type { RecoveryStatus } from '../../../../workflows/recovery/messages.ts';
import { SYSTEM } from '../../../support/lab/shape.ts';
import { BEGIN, GATE, minutesLater, waitingStatus } from '../../../support/starter/statuses.ts';

const REPORT = { outcome: 'recovered' };

/** Temporal, with a recovery that a test moves on. */
function temporal() {
  const now: { status: RecoveryStatus } = { status: waitingStatus() };
  const ended = () => now.status.state === 'recovered';
  const handle = {
    describe: async () => ({ status: { name: ended() ? 'COMPLETED' : 'RUNNING' }, raw: { pendingActivities: [] } }),
    query: async () => now.status,
    result: async () => REPORT,
  };
  const client = {
    options: {},
    withDeadline: async <T>(_: number, ask: () => Promise<T>) => await ask(),
    workflow: { getHandle: () => handle },
  };
  return { now, client: client as unknown as Client };
}

/** A gameday at whose terminal nobody answers. */
function gameday(client: Client) {
  const notes: string[] = [];
  const screen = { title: () => {}, say: () => {}, note: (line: string) => void notes.push(line), at: () => {} };
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  const decide = approver(client, {} as RecoveryPlan, {
    lab: { folder: '/nowhere' } as Lab,
    yes: false,
    screen,
    terminal,
  });
  const signal = AbortSignal.timeout(10_000);
  const report = followRecovery(client, SYSTEM, { title: '', since: Date.parse(BEGIN), decide, screen, signal });
  const asked = async (times: number) => {
    let output = '';
    for await (const chunk of terminal.output.iterator({ destroyOnReturn: false })) {
      output += String(chunk);
      if (output.split('[y/N]').length > times) return;
    }
  };
  return { report, notes, asked, terminal };
}

test('a gate that is approved by the CLI ends the prompt of the gameday, and the report follows', async () => {
  const { now, client } = temporal();
  const { report, notes, asked, terminal } = gameday(client);
  await asked(1);
  now.status = waitingStatus({ state: 'recovered', gates: [] });
  expect(await report).toBe(REPORT);
  expect(notes).toEqual(['decided elsewhere']);
  terminal.output.end();
  expect(await text(terminal.output)).not.toContain('[y/N]');
});

test('a question that is asked again is put again, in place of the one before', async () => {
  const { now, client } = temporal();
  const { report, notes, asked } = gameday(client);
  await asked(1);
  now.status = waitingStatus({ gates: [{ ...GATE, openedAt: minutesLater(1) }] });
  await asked(1);
  now.status = waitingStatus({ state: 'recovered', gates: [] });
  expect(await report).toBe(REPORT);
  expect(notes).toEqual(['decided elsewhere', 'decided elsewhere']);
});
