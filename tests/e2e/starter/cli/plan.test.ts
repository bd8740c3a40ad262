import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** The commands as people run them, on a copy of the runbooks. */
const ROOT = join(import.meta.dirname, '../../../..');
let runbooks = '';

beforeAll(async () => {
  runbooks = await mkdtemp(join(tmpdir(), 'lifeboat-plans-'));
});
beforeEach(() => cp(join(ROOT, 'runbooks'), runbooks, { recursive: true, force: true }));
afterAll(() => rm(runbooks, { recursive: true }));

async function plan(...args: string[]) {
  const script = 'starter/cli/main.ts';
  const all = [script, 'plan', ...args, ...(args[0] === 'schema' ? [] : ['--runbooks', runbooks])];
  const { exitCode, stdout, stderr } = await execa(process.execPath, all, {
    cwd: ROOT,
    reject: false,
    env: { NO_COLOR: '1' },
  });
  return { exitCode, stdout, stderr };
}

const planFile = () => join(runbooks, 'teei-csr', 'plan.yaml');
const edit = async (find: string, put: string) =>
  writeFile(planFile(), (await readFile(planFile(), 'utf8')).replace(find, put));

test('validate: 0 and the good files; 1 and every problem with its line; 2 for a system that is not there', async () => {
  const good = await plan('validate', '--json');
  expect(good.exitCode).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, problems: [] });

  await edit('provider: redis', 'provider: reddis');
  await edit('extends: region-failover', 'extends: region-failover\n    watch: a while');
  const bad = await plan('validate', 'teei-csr');
  expect(bad.exitCode).toBe(1);
  expect(bad.stderr).toContain('scenarios.region-failover.watch: expected a duration');
  const found = JSON.parse((await plan('validate', '--json')).stdout);
  expect(found.ok).toBe(false);
  const { line } = found.problems.find(({ path }: { path: string }) => path === 'scenarios.region-failover.watch');
  expect((await readFile(planFile(), 'utf8')).split('\n')[line - 1]).toContain('watch: a while');

  const unknown = await plan('validate', 'teei-crs');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain('did you mean "teei-csr"?');
});

test('validate: a warning is told and passes; with --strict it does not', async () => {
  const needs = 'repoint: { needs: [promote-database] }, register-targets: { needs: [repoint, scale-up] }';
  await edit('extends: region-failover', `extends: region-failover\n    phases: { ${needs} }`);
  const warned = await plan('validate', '-e', 'lab');
  expect(warned).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('plan.yaml') });
  expect(warned.stderr).toMatch(/^warning .*plan\.yaml:\d+:\d+ scenarios\.region-failover\.phases\[6\]\.needs: /);
  const strict = await plan('validate', '-e', 'lab', '--strict', '--json');
  expect(strict.exitCode).toBe(1);
  expect(JSON.parse(strict.stdout)).toMatchObject({ ok: false, problems: [{ severity: 'warning' }] });
});

test('show: what would happen, for people and for programs', async () => {
  const text = await plan('show', 'teei-csr', '--environment', 'lab');
  expect(text.exitCode).toBe(0);
  expect(text.stdout).toContain('Critical path (●): 300 s of 300 s, fits');
  expect(text.stdout).toContain('point of no return');
  expect(text.stdout).toContain('EU customers: eu-central-1');
  const json = JSON.parse((await plan('show', 'teei-csr', '-e', 'lab', '--json')).stdout);
  expect(json).toMatchObject({ system: 'teei-csr', environment: 'lab', criticalPath: { seconds: 300 } });
  expect((await plan('show', 'teei-csr', '-e', 'labb')).stderr).toContain('did you mean "lab"?');
});

test('check and render: a runbook that is not what the plan says is told, and mended by rendering', async () => {
  expect((await plan('check')).exitCode).toBe(0);
  await edit('us-east-1 is lost;', 'us-east-1 is away;');
  const stale = await plan('check');
  expect(stale.exitCode).toBe(1);
  expect(stale.stderr).toMatch(/RUNBOOK\.md:\d+:1 is not what it is generated from/);
  expect(stale.stderr).toContain('npx lifeboat plan render');
  expect((await plan('render')).exitCode).toBe(0);
  expect((await plan('check')).exitCode).toBe(0);
  expect(await readFile(join(runbooks, 'teei-csr', 'RUNBOOK.md'), 'utf8')).toContain('us-east-1 is away;');
});

test('schema: prints the JSON Schema that editors use', async () => {
  const { exitCode, stdout } = await plan('schema', 'environment');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ title: 'Lifeboat environment' });
});
