import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveHealth, type Vitals } from '../../../workers/health.ts';

const answers: Vitals['connection'] = {
  withDeadline: (_deadline, call) => call(),
  workflowService: { getSystemInfo: async () => ({}) } as never,
};
const hanging = { ...answers, withDeadline: () => new Promise<never>(() => {}) };
const silent = { ...answers, withDeadline: () => Promise.reject(new Error('deadline exceeded')) };

let server: Server | undefined;

afterEach(() => void server?.close());

async function ask(path: string, vitals: Vitals): Promise<{ status: number; body: Record<string, string> }> {
  server = await serveHealth('127.0.31.1:0', vitals);
  const { address, port } = server.address() as AddressInfo;
  const response = await fetch(`http://${address}:${port}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const running = { getState: () => 'RUNNING' as const };

test('alive whatever Temporal does', async () => {
  expect(await ask('/healthz', { connection: silent, worker: null })).toEqual({
    status: 200,
    body: { status: 'alive' },
  });
});

test('ready when the worker polls and Temporal answers', async () => {
  expect((await ask('/readyz', { connection: answers, worker: running })).status).toBe(200);
});

test.each([
  ['before it polls', { connection: answers, worker: null }, /worker is initialized/],
  ['while it drains', { connection: answers, worker: { getState: () => 'DRAINING' as const } }, /worker is draining/],
  ['when Temporal hangs', { connection: hanging, worker: running }, /nothing within 2 s/],
  ['without Temporal', { connection: silent, worker: running }, /Temporal does not answer: deadline exceeded/],
])('not ready %s, and why', async (_when, vitals, why) => {
  const { status, body } = await ask('/readyz', vitals);
  expect(status).toBe(503);
  expect(body['why']).toMatch(why);
});

test('nothing else is served', async () => {
  expect((await ask('/secrets', { connection: answers, worker: running })).status).toBe(404);
});
