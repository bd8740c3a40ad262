import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { approvalActivities } from '../../../activities/approval/index.ts';
import type { Statement } from '../../../plan/decision.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { Keys } from '../../support/activities/approval/keys.ts';
import { depsOf } from '../../support/activities/step.ts';
import { sendDecision } from '../../support/workflows/ask.ts';
import { createFakes } from '../../support/workflows/fakes.ts';
import {
  gateOpen,
  type Recovering,
  signedDecision,
  startFailover,
  startServer,
  statusWhen,
  teeiPlan,
  withWorkers,
} from '../../support/workflows/harness.ts';

const SRE = 'sre@lab.test';

let env: TestWorkflowEnvironment;
let keys: Keys;

beforeAll(async () => {
  env = await startServer();
  keys = await Keys.make('sre', 'sre-laptop', 'stranger');
}, 120_000);
afterAll(async () => {
  await keys.remove();
  await env.teardown();
});

/** Signs what the gate shows, with real keys; `key` and `change` make an attack of it. */
async function send(status: RecoveryStatus, change: Partial<Statement> = {}, key = 'sre') {
  const { statement } = await signedDecision(env, status, {
    verb: 'approve',
    target: 'approve',
    identity: SRE,
    change,
  });
  return { statement, signature: await keys.sign(key, statement) };
}

async function updatesIn(recovering: Recovering): Promise<number> {
  const { events } = await recovering.fetchHistory();
  return events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null).length ?? 0;
}

test('attacks on a running recovery are refused with their reasons; those that could not count are not in its history', async () => {
  const owned = [await keys.publicKey('sre'), await keys.publicKey('sre-laptop')];
  const plan = await teeiPlan({ approvers: [{ identity: SRE, roles: ['on-call-sre'], keys: owned }] });
  const { verifySignatures } = approvalActivities(depsOf());
  await withWorkers(env, createFakes({ verifySignatures }), async () => {
    const recovering = await startFailover(env, plan);
    const status = await statusWhen(recovering, gateOpen('approve'));
    const hopeless: [unknown, RegExp][] = [
      [await send(status, { runId: 'another-run' }), /signed for another run/],
      [await send(status, { workflowId: 'recovery/other' }), /signed for another run/],
      [await send(status, { planHash: 'b'.repeat(64) }), /signed for another plan/],
      [await send(status, { factsDigest: 'e'.repeat(64) }), /the facts have changed/],
      [await send(status, { expiresAt: '2020-01-01T00:00:00.000Z' }), /it expired/],
      [await send(status, { target: 'failback' }), /there is no "failback"/],
      [{ statement: 'x'.repeat(9_000), signature: 'x' }, /not a signed decision/],
      ['approve', /not a signed decision/],
    ];
    const forged: [unknown, RegExp][] = [
      [await send(status, {}, 'stranger'), /not one of the plan's approvers/],
      [{ ...(await send(status)), signature: 'cut' }, /does not fit/],
    ];
    const refuses = async ([attack, reason]: [unknown, RegExp]) =>
      expect(await sendDecision(recovering, attack)).toMatchObject({
        accepted: false,
        detail: expect.stringMatching(reason),
      });
    for (const attack of hopeless) await refuses(attack);
    expect(await updatesIn(recovering)).toBe(0);
    for (const attack of forged) await refuses(attack);
    const { gates, approvals } = await statusWhen(recovering, () => true);
    expect(gates.find(({ name }) => name === 'approve')?.given).toEqual([]);
    expect(approvals.map(({ accepted }) => accepted)).toEqual(forged.map(() => false));
    await recovering.terminate('the test is over');
  });
}, 120_000);
