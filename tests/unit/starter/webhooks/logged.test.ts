import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { logged } from '../../../../starter/webhooks/logged.ts';
import type { Alert } from '../../../../workflows/incident-messages.ts';

const plan = { system: 'teei-csr' } as RecoveryPlan;
const alert = { name: 'RegionUnreachable', summary: 'token=of-a-careless-sender' } as Alert;

function capture() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: Buffer, _encoding: string, done: () => void) => {
    lines.push(JSON.parse(line.toString()));
    done();
  };
  return { lines, log: pino(new Writable({ write })) };
}

test('alerts that Temporal has are logged with their incident, and without what senders wrote into them', async () => {
  const { lines, log } = capture();
  const incidents = logged({ raise: async () => {}, check: async () => {} }, log);
  await incidents.raise(plan, [alert, alert], 1_000);
  expect(lines).toMatchObject([{ system: 'teei-csr', incident: 'incident/teei-csr', alerts: 2 }]);
  expect(JSON.stringify(lines)).not.toMatch(/careless|RegionUnreachable/);
});

test('alerts that Temporal does not have are not', async () => {
  const { lines, log } = capture();
  const refusing = logged({ raise: () => Promise.reject(new Error('gone')), check: async () => {} }, log);
  await expect(refusing.raise(plan, [alert], 1_000)).rejects.toThrow('gone');
  expect(lines).toEqual([]);
});
