import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../lab/eventually.ts';
import { isAlive } from '../../../lab/process-table.ts';
import { endAll, membersOf, recordsIn, signalAll, startProgram, stateOf } from '../../../lab/supervisor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-supervisor-'));
});
afterEach(async () => {
  await endAll(recordsIn(folder));
  rmSync(folder, { recursive: true });
});

const SLEEPS = "require('node:child_process').spawn('sleep', ['300'], {detached: true}); setInterval(() => {}, 1000);";

function start(script: string, name = 'program', graceMs = 0) {
  return startProgram('place/kind', { name, command: process.execPath, args: ['-e', script], graceMs }, folder);
}

function within(what: string, look: () => boolean): Promise<void> {
  return eventually({ what, withinMs: 20_000, everyMs: 20 }, async () => {
    if (!look()) throw new Error('not yet');
  });
}

test('a record is there as soon as the program is, and names it for good', () => {
  const record = start('setInterval(() => {}, 1000)');
  expect(recordsIn(folder)).toEqual([record]);
  expect(stateOf(record)).toBe('running');
  expect(stateOf({ ...record, startTime: '1' })).toBe('gone');
});

test('a program keeps only what it is given of the environment', async () => {
  process.env['LAB_TEST_SECRET'] = 'x';
  const record = start("require('node:fs').writeFileSync('seen', String(process.env.LAB_TEST_SECRET))");
  delete process.env['LAB_TEST_SECRET'];
  await within('the end', () => stateOf(record) === 'gone');
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('undefined');
});

test('a signal reaches what the program started, also in a process group of its own', async () => {
  const record = start(SLEEPS);
  await within('the child', () => membersOf([record]).length === 2);
  const members = membersOf([record]);
  expect(signalAll([record], 'SIGKILL')).toBe(2);
  await within('the end of both', () => members.every((member) => !isAlive(member)));
});

test('a pid that belongs to somebody else by now is left alone', async () => {
  const record = start('setInterval(() => {}, 1000)');
  const stale = { ...record, startTime: '1' };
  expect(signalAll([stale], 'SIGKILL')).toBe(0);
  await endAll([stale]);
  expect(stateOf(record)).toBe('running');
});

test('stopped programs are told apart, and are ended too', async () => {
  const record = start('setInterval(() => {}, 1000)', 'program', 2_000);
  signalAll([record], 'SIGSTOP');
  await within('the stop', () => stateOf(record) === 'stopped');
  await endAll([record]);
  expect(stateOf(record)).toBe('gone');
});

test('a program with a grace may end by itself, and is killed when it does not', async () => {
  const polite = start(
    "process.on('SIGTERM', () => { require('node:fs').writeFileSync('bye', ''); process.exit(); }); setInterval(() => {}, 1000); require('node:fs').writeFileSync('polite', '')",
    'polite',
    6_000,
  );
  const stubborn = start(
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('node:fs').writeFileSync('stubborn', '')",
    'stubborn',
    3_000,
  );
  const { existsSync } = await import('node:fs');
  await within('both', () => existsSync(join(folder, 'polite')) && existsSync(join(folder, 'stubborn')));
  await endAll([polite, stubborn]);
  expect(existsSync(join(folder, 'bye'))).toBe(true);
  expect([polite, stubborn].map(stateOf)).toEqual(['gone', 'gone']);
});
