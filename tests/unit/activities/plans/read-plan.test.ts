import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { planActivities } from '../../../../activities/plans/index.ts';
import { type PlanRef, planRef, type RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../../../../starter/load-plan.ts';
import { RUNBOOKS } from '../../../../starter/runbook-files.ts';
import { heldPlans } from '../../../../workers/held-plans.ts';

let folder: string;
let plan: RecoveryPlan;

const inFolder = (...path: string[]) => join(folder, ...path);
const held = () =>
  planActivities(heldPlans({ LIFEBOAT_RUNBOOKS: inFolder('runbooks'), LIFEBOAT_PLAN_STORE: inFolder('store') }));
const read = (ref: PlanRef, continued = false) => held().readPlan({ plan: ref, continued });

/** The on-call role goes to nobody: a version that an approver was taken out of, say. */
async function changePlan(): Promise<RecoveryPlan> {
  const file = inFolder('runbooks', 'teei-csr', 'plan.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('refuseDataLossOver: 5m', 'refuseDataLossOver: 4m'));
  return await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab', folder: inFolder('runbooks') });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-plans-'));
  await cp(RUNBOOKS, inFolder('runbooks'), { recursive: true });
  plan = await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab' });
});

afterEach(() => rm(folder, { recursive: true }));

test('the plan in force is read by its hash, and kept by its content', async () => {
  expect(await read(planRef(plan))).toEqual(plan);
  expect(await readdir(inFolder('store'))).toEqual([`${plan.hash}.json`]);
});

test('a hash that no runbook has is refused, in a new matter and in one that goes on', async () => {
  const ref = { ...planRef(plan), hash: 'f'.repeat(64) };
  const refused = { type: 'PlanUnknown', message: expect.stringContaining('version ffffffffffff of the plan of') };
  await expect(read(ref)).rejects.toMatchObject(refused);
  await expect(read(ref, true)).rejects.toMatchObject(refused);
});

test('a version that is no longer in force starts nothing, and serves what began with it after the worker has started again', async () => {
  await read(planRef(plan));
  const changed = await changePlan();
  await expect(read(planRef(plan))).rejects.toMatchObject({ type: 'PlanUnknown' });
  expect(await read(planRef(plan), true)).toEqual(plan);
  expect(await read(planRef(changed))).toEqual(changed);
});

test('a kept version that was altered is no version', async () => {
  await read(planRef(plan));
  await changePlan();
  const forged = { ...plan, approvers: [] };
  await writeFile(inFolder('store', `${plan.hash}.json`), JSON.stringify(forged));
  await expect(read(planRef(plan), true)).rejects.toMatchObject({ type: 'PlanUnknown' });
});

test.each([
  { system: '../store', environment: 'lab', hash: 'a'.repeat(64) },
  { system: 'teei-csr', environment: '../../store/x', hash: 'a'.repeat(64) },
  { system: 'teei-csr', environment: 'lab', hash: '../runbooks/teei-csr/plan' },
])('a name or a hash that leads out of the folders is refused: $system $environment $hash', async (ref) => {
  await expect(read(ref, true)).rejects.toMatchObject({ type: 'PlanUnknown' });
});

test('a plan that cannot be read is told in the refusal', async () => {
  await writeFile(inFolder('runbooks', 'teei-csr', 'plan.yaml'), 'system: [');
  await expect(read(planRef(plan))).rejects.toThrow(/plan\.yaml/);
});

test('several folders of runbooks are several plans in force', async () => {
  await changePlan();
  const both = heldPlans({ LIFEBOAT_RUNBOOKS: [RUNBOOKS, inFolder('runbooks')].join(delimiter) });
  expect((await both.inForce(plan)).plans).toHaveLength(2);
});
