import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { jest } from '@jest/globals';
import { eventually } from '../../../lab/eventually.ts';
import { leftovers, type Snapshot, snapshot } from '../../environment/leftovers.ts';

let before: Snapshot;
beforeEach(() => {
  before = snapshot(globalThis);
});

/** Node lets go of a handle a moment after its last event. */
const gone = () =>
  eventually({ what: 'nothing left', withinMs: 5_000, everyMs: 5 }, async () => expect(left()).toEqual([]));

const left = () => leftovers(before, snapshot(globalThis));

test('a file that cleans up leaves nothing behind', () => {
  expect(left()).toEqual([]);
});

test('an open port is found, and is no finding once it is closed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(left()).toEqual(['a TCP port']);
  server.close();
  await gone();
});

test('a child process is found with its command line, also when it is detached', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  expect(left()).toEqual(['a child process', `process ${child.pid} (sleep 60)`]);
  child.kill('SIGKILL');
  await gone();
});

test('a handler of a signal is found', () => {
  const handler = () => {};
  process.on('SIGHUP', handler);
  expect(left()).toContain('a listener of SIGHUP');
  process.off('SIGHUP', handler);
  expect(left()).not.toContain('a listener of SIGHUP');
});

test('a faked clock is found', () => {
  jest.useFakeTimers();
  const found = left();
  jest.useRealTimers();
  expect(found).toEqual(['a faked clock']);
});
