import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT } from '../../../../starter/exit-codes.ts';

/** Production of TEEI, which no Temporal is asked about. */
async function whoCanApprove(...args: string[]) {
  const all = ['starter/cli/main.ts', 'authority', 'who-can-approve', 'teei-csr', '-e', 'production', ...args];
  const { exitCode, stdout, stderr } = await execa(process.execPath, all, {
    cwd: join(import.meta.dirname, '../../../..'),
    reject: false,
    env: { NO_COLOR: '1', TEMPORAL_ADDRESS: '127.0.5.1:9' },
  });
  return { exitCode, stdout, stderr };
}

const NIGHT = ['--at', '2026-06-10T07:00:00Z'];

test('a restore needs two people at an hour at which one decides on all else', async () => {
  const restore = await whoCanApprove(...NIGHT, '--scenario', 'restore');
  expect([restore.exitCode, restore.stdout]).toEqual([
    EXIT.done,
    [
      '2026-06-10T07:00:00.000Z, wed 03:00 in America/New_York: not business hours',
      '  on-call-sre: sre-on-call@example.com or sre-manager@example.com',
      '  vp-engineering: vp-engineering@example.com',
      '  each by a different person',
      '  then executives are told within 30m',
      '  vp-engineering or cto may abort',
    ].join('\n'),
  ]);
  const failover = JSON.parse((await whoCanApprove(...NIGHT, '--scenario', 'region-failover', '--json')).stdout);
  expect(failover).toMatchObject({ scenario: 'region-failover', needed: true, required: [{ role: 'on-call-sre' }] });
});

test('a scenario that there is not is refused, with those that there are', async () => {
  const wrong = await whoCanApprove('--scenario', 'restor');
  expect([wrong.exitCode, wrong.stderr]).toEqual([EXIT.usage, expect.stringMatching(/region-failover.*restore/)]);
});
