import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { down } from '../../../lab/down.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import { attach, type Lab, up } from '../../../lab/lab.ts';
import { LABS_FOLDER } from '../../../lab/state.ts';
import { statusOf } from '../../../lab/status.ts';
import { recordsIn } from '../../../lab/supervisor.ts';
import { processesWith } from '../../support/lab/processes.ts';
import { REGIONS } from '../../support/lab/shape.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'lab', 'main.ts');
const REDIS = ['us-east-1/redis', 'eu-central-1/redis'];
const SLOW = ['us-east-1/kubernetes'];
const name = (suffix: string) => `test-${process.pid}-${suffix}`;

afterEach(async () => {
  for (const suffix of ['a', 'b']) await down(name(suffix));
});

/** Nothing of the lab is left: no process, no folder, no claim of a slot. */
async function expectNothingLeft(lab: string): Promise<void> {
  expect(existsSync(join(LABS_FOLDER, lab))).toBe(false);
  expect(await processesWith(join(LABS_FOLDER, lab))).toEqual([]);
  const slots = join(tmpdir(), 'lifeboat-lab-slots');
  const claims = readdirSync(slots).map((slot) => readFileSync(join(slots, slot), 'utf8'));
  expect(claims.filter((claim) => claim.includes(`/${lab}"`))).toEqual([]);
}

const states = async (lab: Lab) => Object.fromEntries((await statusOf(lab)).map((one) => [one.service, one.state]));

/** A service that is slow to answer for a moment is not ready just then. */
const willBe = (lab: Lab, expected: Record<string, string>) =>
  eventually({ what: 'the services', withinMs: 20_000, everyMs: 50 }, async () =>
    expect(await states(lab)).toEqual(expected),
  );

test('what comes up goes down, and leaves nothing behind', async () => {
  const lab = await up({ name: name('a'), only: [...REDIS, 'us-east-1/nats'] });
  await willBe(lab, {
    'us-east-1/redis': 'ready',
    'eu-central-1/redis': 'ready',
    'us-east-1/nats': 'ready',
  });
  expect((await attach(name('a'))).wiring).toEqual(lab.wiring);
  await lab.down();
  await expectNothingLeft(name('a'));
  await expect(attach(name('a'))).rejects.toThrow(/there is no lab/);
});

test('two labs run side by side, each with addresses of its own', async () => {
  const [a, b] = await Promise.all([up({ name: name('a'), only: REDIS }), up({ name: name('b'), only: REDIS })]);
  expect(a.endpoint('us-east-1/redis')).not.toEqual(b.endpoint('us-east-1/redis'));
  await a.down();
  await willBe(b, { 'us-east-1/redis': 'ready', 'eu-central-1/redis': 'ready' });
  await expect(up({ name: name('b'), only: REDIS })).rejects.toThrow(/is up already/);
});

test('a region dies at once, and its services can be frozen, thawed and restored', async () => {
  const lab = await up({ name: name('a'), only: REDIS });
  await breakLab(lab, ['region-a']);
  await willBe(lab, { 'us-east-1/redis': 'dead', 'eu-central-1/redis': 'ready' });
  expect(await breakLab(lab, ['restore', 'us-east-1'])).toBe('restored us-east-1/redis');
  await breakLab(lab, ['freeze', 'eu-central-1/redis']);
  await willBe(lab, { 'us-east-1/redis': 'ready', 'eu-central-1/redis': 'frozen' });
  await breakLab(lab, ['thaw', 'eu-central-1/redis']);
  await willBe(lab, { 'us-east-1/redis': 'ready', 'eu-central-1/redis': 'ready' });
  await expect(breakLab(lab, ['flood'])).rejects.toThrow(/no fault "flood"; known are: .*region-a.*us-east-1\/redis/);
});

test('the lab outlives a starter that is killed half-way, and down still clears it', async () => {
  const starter = execa(process.execPath, [MAIN, 'up', '--name', name('a'), '--only', ...SLOW], { reject: false });
  const folder = join(LABS_FOLDER, name('a'));
  await eventually({ what: 'the first processes', withinMs: 20_000, everyMs: 20 }, async () => {
    if (recordsIn(folder).length < 2) throw new Error('not yet');
  });
  starter.kill('SIGKILL');
  await starter;
  expect((await processesWith(folder)).length).toBeGreaterThan(0);
  await down(name('a'));
  await expectNothingLeft(name('a'));
});

test('a lab that a crash left is cleared by the next up', async () => {
  const first = await up({ name: name('a'), only: REDIS });
  for (const region of REGIONS) first.signal(region, 'SIGKILL');
  await eventually({ what: 'the end of all', withinMs: 20_000, everyMs: 20 }, async () => {
    expect(Object.values(await states(first))).toEqual(['dead', 'dead']);
  });
  const second = await up({ name: name('a'), only: REDIS });
  await willBe(second, { 'us-east-1/redis': 'ready', 'eu-central-1/redis': 'ready' });
});

test('Ctrl-C while it comes up leaves nothing behind', async () => {
  const starter = execa(process.execPath, [MAIN, 'up', '--name', name('a'), '--only', ...SLOW], { reject: false });
  await eventually({ what: 'the first process', withinMs: 20_000, everyMs: 20 }, async () => {
    if (recordsIn(join(LABS_FOLDER, name('a'))).length === 0) throw new Error('not yet');
  });
  starter.kill('SIGINT');
  const { exitCode, stderr } = await starter;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/stopped by SIGINT/);
  await expectNothingLeft(name('a'));
});

test('a service that ends by itself is reported with the end of its log, and nothing is left', async () => {
  const squatter = createServer((socket) => socket.destroy());
  const onProgress = () => {
    const { hosts, ports } = JSON.parse(readFileSync(join(LABS_FOLDER, name('a'), 'state.json'), 'utf8'));
    if (!squatter.listening) squatter.listen(ports.redis, hosts['us-east-1']);
  };
  const broken = up({ name: name('a'), only: ['us-east-1/redis'], onProgress });
  await expect(broken).rejects.toThrow(/us-east-1\/redis: redis ended by itself.*Address already in use/s);
  await new Promise((resolve) => squatter.close(resolve));
  await expectNothingLeft(name('a'));
});
