import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { evidenceClient } from '../../../activities/evidence/client.ts';
import { eventually } from '../../../lab/eventually.ts';
import { checkOutside } from '../../../lab/gameday/checks.ts';
import { measure, underWay } from '../../../lab/gameday/measure.ts';
import { type Lab, up } from '../../../lab/lab.ts';
import { latestKey, META } from '../../../plan/break-glass/keys.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Report } from '../../../plan/report.ts';
import { closeClient, openClient } from '../../../starter/client.ts';
import { decide } from '../../../starter/decide.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { fetchStatus } from '../../../starter/recoveries.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { Hand, remaining, sectionOf } from '../../support/break-glass/follow.ts';
import { DATABASE, PRIMARY, STANDBY, SYSTEM } from '../../support/lab/shape.ts';

/** A minute on an idle machine: a lab, a disaster, and a person at a shell. */
const WITHIN_MS = 420_000;
const CLI = join(import.meta.dirname, '..', '..', '..', 'starter', 'cli', 'main.ts');
/** Of Kubernetes, PostgreSQL, and so on. */
const LEAST_SECRETS = 8;

let lab: Lab;
let plan: RecoveryPlan;
let hand: Hand;
let since = 0;
let signal: AbortSignal;

beforeAll(async () => {
  signal = AbortSignal.timeout(WITHIN_MS - 20_000);
  lab = await up({ name: `break-glass-${process.pid}`, signal });
  Object.assign(process.env, lab.wiring);
  plan = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
  hand = await Hand.ready(join(lab.folder, 'secrets'), lab.wiring);
}, WITHIN_MS);

afterAll(async () => {
  await hand?.ends();
  await lab?.down();
}, 60_000);

/** The runbook as it is in object storage, asked of S3 itself, once it fits. */
async function runbookWhen(state: string, fits: (text: string) => boolean): Promise<string> {
  const { bucket } = plan.evidence;
  const s3 = evidenceClient(plan.evidence);
  try {
    return await eventually({ what: `a runbook that is ${state}`, withinMs: 60_000, signal }, async () => {
      const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: latestKey(plan) }));
      const text = (await Body?.transformToString()) ?? '';
      if (Metadata?.[META.state] !== state || !fits(text)) throw new Error(`${Metadata?.[META.state]}: ${text}`);
      return text;
    });
  } finally {
    s3.destroy();
  }
}

const statesOf = ({ phases }: RecoveryStatus) => Object.fromEntries(phases.map(({ name, state }) => [name, state]));

/** Approves, and answers once everything that can be done without the primary is done. */
async function approveAndPause(): Promise<RecoveryStatus> {
  const client = openClient();
  try {
    const keyFile = join(lab.folder, 'keys', 'sre-on-call');
    return await eventually({ what: 'a paused promotion', withinMs: 90_000, signal }, async () => {
      const seen = await fetchStatus(client, plan.system);
      // It asks again when the facts have moved on a busy machine.
      for (const { name } of seen.gates) await decide(client, plan, seen, { verb: 'approve', target: name, keyFile });
      const states = statesOf(seen);
      const others = ['promote-stream', 'promote-analytics', 'scale-up'].every((name) => states[name] === 'done');
      if (states['promote-database'] !== 'paused' || !others) throw new Error(JSON.stringify(states));
      return seen;
    });
  } finally {
    await closeClient(client);
  }
}

/** What the worker of the third place has logged, line by line. */
async function workerLog(): Promise<Record<string, string>[]> {
  const text = await readFile(join(lab.folder, 'third-place', 'worker', 'worker.log'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test(
  'a recovery is finished by hand, from its runbook alone, when Temporal and every worker are gone',
  async () => {
    signal = AbortSignal.timeout(WITHIN_MS - 20_000);
    await underWay(lab, signal);
    since = Date.now();
    lab.signal(PRIMARY, 'SIGKILL');

    // At the gate: everything but the assessment remains.
    const atGate = await runbookWhen('waiting', (text) => text.includes('## A decision is open: `approve`'));
    const { phases = [] } = plan.scenarios['region-failover'] ?? {};
    const all = phases.map(({ name }) => name).filter((name) => name !== 'assess');
    expect(remaining(atGate).toSorted()).toEqual(all.toSorted());
    expect(atGate).toContain('`on-call-sre`: wanted; sre@lab.test');

    // A person takes the lease, as the recovery will: it finds its own.
    const fence = sectionOf(atGate, 'promote-database');
    expect(await hand.types(fence.slice(0, fence.indexOf('Wait until the right')))).toContain('"ETag"');

    // The database's password is not to be had: the promotion pauses, and all that waits for it is left.
    const secret = join(lab.folder, 'secrets', SYSTEM, 'postgres');
    await rename(secret, `${secret}.away`);
    const status = await approveAndPause();
    await rename(`${secret}.away`, secret);
    const left = phases.map(({ name }) => name).filter((name) => statesOf(status)[name] !== 'done');
    await runbookWhen('paused', (text) => remaining(text).length === left.length && text.includes('Was paused'));

    for (const gone of ['third-place/temporal', 'third-place/worker', `${STANDBY}/worker`]) lab.signal(gone, 'SIGKILL');
    await expect(lab.observe('third-place/temporal')).rejects.toThrow();

    const runbook = await runbookWhen('paused', () => true);
    await hasWhatRemains(runbook, left);
    await cliReadsTheSame(runbook);
    for (const phase of remaining(runbook)) await follow(runbook, phase);

    const course = { from: PRIMARY, to: STANDBY, timeline: 2 };
    const measured = await measure(lab, since, { ...course, signal });
    // There is no report whose loss could be judged.
    const nothingReported = { dataLoss: { actualSeconds: null } } as Report;
    const checks = await checkOutside(lab, course, nothingReported, measured);
    const failed = checks.filter(({ name, passed }) => !passed && !name.startsWith('reported'));
    expect(failed).toEqual([]);
  },
  WITHIN_MS,
);

/** Nothing but the remaining steps, each with what this lab has, and the way back with what was recorded. */
async function hasWhatRemains(runbook: string, left: string[]): Promise<void> {
  expect(remaining(runbook).toSorted()).toEqual(left.toSorted());
  const at = (service: string) => lab.endpoint(service);
  const { host, port } = at(`${STANDBY}/postgres`);
  expect(sectionOf(runbook, 'promote-database')).toMatch(/Was paused\*\* .*SecretMissing/);
  expect(sectionOf(runbook, 'promote-database')).toContain(
    `host=${host} port=${port} user=lifeboat dbname=${DATABASE}`,
  );
  expect(sectionOf(runbook, 'repoint')).toContain(
    `**${host}:${port}**, in place of ${at(`${PRIMARY}/postgres`).host}:${port}`,
  );
  const [from, to] = [PRIMARY, STANDBY].map((region) => at(`${region}/application`).host);
  expect(sectionOf(runbook, 'cut-over-dns')).toContain(
    `\`api.teei.test\` A ${from} (by the plan) → **${to}**, TTL 1 s`,
  );
  const back = runbook.slice(runbook.indexOf('## How to go back'));
  expect(back).toMatch(/Before: api at 2, database/);
  expect(back).toContain('"replicas":2');
}

async function cliReadsTheSame(runbook: string): Promise<void> {
  const words = ['runbook', plan.system, '--environment', 'lab', '--json'];
  const { stdout } = await execa(process.execPath, [CLI, ...words], { env: lab.wiring });
  expect(JSON.parse(stdout)).toMatchObject({ state: 'paused', workflowId: `recovery/${SYSTEM}`, text: runbook });
}

/** Types the commands of a phase; the assessment and the approval have none that change anything. */
async function follow(runbook: string, phase: string): Promise<void> {
  if (phase === 'verify') return await verifyByHand(sectionOf(runbook, phase));
  const printed = await hand.types(sectionOf(runbook, phase));
  // Shown when the test fails later, which is all that a person would have.
  if (phase === 'promote-database') expect(printed).toMatch(/^t$/m);
  if (phase === 'register-targets') expect(printed).toContain('"healthy"');
}

/** Whoever verifies looks more than once. */
async function verifyByHand(section: string): Promise<void> {
  await eventually({ what: 'every service to answer', withinMs: 60_000 }, async () => {
    expect((await hand.types(section)).match(/^\w+ 200$/gm)).toHaveLength(plan.services.length);
  });
}

test('every line that the worker logged about the recovery says which one, and of which incident', async () => {
  const lines = await workerLog();
  const started = lines.filter(({ activity }) => activity !== undefined);
  const noted = lines.filter(({ msg }) => /^promote-stream: (started|done)/.test(msg ?? ''));
  expect(noted.length).toBe(2);
  for (const line of [...started, ...noted]) {
    expect(line).toMatchObject({ system: SYSTEM, incident: expect.stringMatching(/^incident\/teei-csr\/[\w-]+$/) });
  }
  for (const { recovery } of noted) expect(recovery).toMatch(/^recovery\/teei-csr\/[\w-]+$/);
  // What belongs to a workflow names its system, whoever logged it.
  for (const line of lines.filter(({ workflowId }) => workflowId !== undefined)) expect(line['system']).toBe(SYSTEM);
});

test('no log, and not the runbook, says any secret of the lab', async () => {
  const secrets = await filesBelow(join(lab.folder, 'secrets'));
  const said = await filesBelow(lab.folder, (file) => file.endsWith('.log'));
  const runbook = await runbookWhen('paused', () => true);
  expect(secrets.length).toBeGreaterThanOrEqual(LEAST_SECRETS);
  const leaks = secrets.flatMap(({ file, text: secret }) =>
    [...said, { file: 'the runbook', text: runbook }]
      .filter(({ text }) => text.includes(secret.trim()))
      .map((one) => `${file} in ${one.file}`),
  );
  expect(leaks).toEqual([]);
});

/** Of databases that go on meanwhile, what was listed may be gone a moment later. */
async function filesBelow(folder: string, wanted = (_file: string) => true): Promise<{ file: string; text: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.map(async (entry) => {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) return await filesBelow(file, wanted);
    return entry.isFile() && wanted(file) ? [{ file, text: await readFile(file, 'utf8') }] : [];
  });
  return (await Promise.all(below)).flat();
}
