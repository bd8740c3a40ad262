import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const MAIN = join(import.meta.dirname, '../../../../starter/webhooks/main.ts');
const secrets = mkdtempSync(join(tmpdir(), 'lifeboat-gateway-'));
afterAll(() => rmSync(secrets, { recursive: true }));

const ENV = {
  PATH: process.env['PATH'] ?? '',
  TEMPORAL_ADDRESS: '127.0.5.1:9',
  LIFEBOAT_ENVIRONMENT: 'lab',
  LIFEBOAT_SECRETS_DIR: secrets,
  LIFEBOAT_GATEWAY_HOST: '127.0.5.1',
  LIFEBOAT_GATEWAY_PORT: '0',
};

const gateway = (env: Record<string, string>) =>
  execa(process.execPath, [MAIN], { env, extendEnv: false, reject: false, timeout: 20_000 });

test('does not start without a token, or with settings that make no sense, and says why', async () => {
  const noToken = await gateway(ENV);
  expect([noToken.exitCode, noToken.stderr]).toEqual([1, expect.stringContaining('secret "gateway/token"')]);
  const wrong = await gateway({ ...ENV, LIFEBOAT_ENVIRONMENT: '', LIFEBOAT_GATEWAY_PORT: 'eighty' });
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toMatch(/LIFEBOAT_ENVIRONMENT.*LIFEBOAT_GATEWAY_PORT/);
  const nowhere = await gateway({ ...ENV, LIFEBOAT_ENVIRONMENT: 'nowhere' });
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([1, expect.stringContaining('"nowhere"')]);
});

test('refuses to write plain where it must not; lives without Temporal, says that it is not ready, and stops when told', async () => {
  mkdirSync(join(secrets, 'gateway'));
  writeFileSync(join(secrets, 'gateway/token'), 'secret\n');
  const plain = await gateway({ ...ENV, LIFEBOAT_ENCRYPTION: 'required' });
  expect([plain.exitCode, plain.stderr]).toEqual([1, expect.stringContaining('there is no codec/keys')]);
  const running = gateway(ENV);
  const address = await new Promise<string>((resolve) => {
    running.stdout.on('data', (lines) => {
      const listening = /"address":"([^"]+)"/.exec(String(lines))?.[1];
      if (listening) resolve(listening);
    });
    running.once('exit', () => resolve('ended'));
  });
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
  expect((await fetch(`${address}/readyz`)).status).toBe(503);
  process.kill(running.pid as number, 'SIGTERM');
  expect((await running).exitCode).toBe(0);
});
