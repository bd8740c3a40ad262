import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Downloads } from '../../../../lab/setup/download.ts';
import { ensureTools } from '../../../../lab/setup/index.ts';
import { locate } from '../../../../lab/setup/locate.ts';
import { withLock } from '../../../../lab/setup/lock.ts';
import { obtain } from '../../../../lab/setup/obtain.ts';
import { MissingPrerequisite, missingBuilders } from '../../../../lab/setup/prerequisites.ts';
import type { Tool } from '../../../../lab/setup/tool.ts';

const before = { ...process.env };
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'lab-cache-'));
  process.env['XDG_CACHE_HOME'] = cache;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(cache, { recursive: true });
});

const TOOL: Tool = {
  version: '1.0.0',
  why: 'the test',
  programs: ['tool'],
  buildSeconds: 1,
  variable: 'LAB_TEST_TOOL',
  onPath: true,
  download: { url: 'http://127.0.0.1:1/tool' },
  build: { kind: 'go-install', module: 'example.test/tool@v1.0.0' },
};

test('a tool that can be neither downloaded nor built is one clear line, and leaves no half in the cache', async () => {
  process.env['PATH'] = '/usr/bin:/bin';
  const lines: string[] = [];
  const failing = obtain('tool', TOOL, new Downloads(), (line) => lines.push(line));
  await expect(failing).rejects.toThrow(/lacks what the lab needs; install: Go 1\.24 or newer/);
  expect(lines).toEqual([
    'tool 1.0.0 (the test): downloading',
    'tool 1.0.0 (the test): not downloaded, http://127.0.0.1:1 cannot be reached',
    'tool 1.0.0 (the test): building, about 1 s',
  ]);
  expect(locate('tool', TOOL)).toBeUndefined();
  expect(readdirSync(join(cache, 'lifeboat'))).not.toContain('tool-1.0.0');
});

test('the variable comes before PATH, and a variable that names no program is refused', () => {
  expect(locate('tool', { ...TOOL, programs: ['sh'] })).toEqual({ sh: expect.stringMatching(/\/sh$/) });
  process.env['LAB_TEST_TOOL'] = '/bin/true';
  expect(locate('tool', { ...TOOL, programs: ['sh'] })).toEqual({ sh: '/bin/true' });
  process.env['LAB_TEST_TOOL'] = '/nowhere/tool';
  expect(() => locate('tool', TOOL)).toThrow('LAB_TEST_TOOL names /nowhere/tool, which is not a program');
});

test('tools that are there cost no word', async () => {
  process.env['TEMPORAL_CLI'] = '/bin/true';
  const lines: string[] = [];
  await expect(ensureTools(['temporal'], (line) => lines.push(line))).resolves.toEqual({ temporal: '/bin/true' });
  expect(lines).toEqual([]);
});

test('all that people must install is named at once', () => {
  const { message } = new MissingPrerequisite({ packages: ['redis-server', 'zookeeper'], others: ['Go 1.24'] });
  expect(message).toBe(
    'this machine lacks what the lab needs; install: `apt-get install redis-server zookeeper` as root, and Go 1.24',
  );
});

test('everything that building needs is looked for at once', () => {
  process.env['PATH'] = cache;
  const venv: Tool = { ...TOOL, build: { kind: 'venv', requirement: 'a==1', program: 'a' } };
  const maven: Tool = { ...TOOL, build: { kind: 'maven', artifact: 'a:b:1', main: 'a.B', program: 'a' } };
  expect(missingBuilders([TOOL, venv, maven])).toEqual({
    packages: ['python3', 'python3-venv', 'maven'],
    others: ['Go 1.24 or newer (https://go.dev/dl)'],
  });
});

test('two that want the same lock take turns, and the lock of a dead process counts for nothing', async () => {
  const file = join(cache, 'tool.lock');
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} in`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} out`);
  };
  await Promise.all([withLock(file, work('a')), withLock(file, work('b'))]);
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out']);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1' }));
  await withLock(file, work('c'));
  expect(existsSync(file)).toBe(false);
});
