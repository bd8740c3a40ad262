import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { sendDecision } from '../../support/workflows/ask.ts';
import { createFakes, deadRegion, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import {
  approve,
  gateOpen,
  letPass,
  type Recovering,
  signedDecision,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

/** A tenth of the gate's half hour. */
const REFRESH = '3m';

const sound = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: false };

/** A dead region and its standby, which a test may change while people think. */
function scene() {
  const seen = { replayAgeSeconds: 1, measures: sound };
  const fakes = createFakes({
    observe: async ({ vantage }) => {
      const { replayAgeSeconds, measures } = seen;
      return { ...vantageFacts(vantage, [deadRegion, { ...standbyRegion, replayAgeSeconds }]), measures };
    },
  });
  return { seen, fakes };
}

const observedSince = (before: RecoveryStatus) => (status: RecoveryStatus) =>
  (status.gates[0]?.facts?.observedAt ?? '') > (before.gates[0]?.facts?.observedAt ?? '');

/** Lets the facts be observed again; answers what is shown then. */
async function refreshed(recovering: Recovering, before: RecoveryStatus): Promise<RecoveryStatus> {
  await letPass(env, REFRESH);
  return await statusWhen(recovering, observedSince(before));
}

/** Approves as one who has read this very status. */
const approveAsShown = async (recovering: Recovering, status: RecoveryStatus) =>
  await sendDecision(recovering, await signedDecision(env, status, { verb: 'approve', target: 'approve' }));

describe('facts at an open gate', () => {
  test('are observed again in place, and those that were shown before may still be approved', async () => {
    const { seen, fakes } = scene();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const first = await statusWhen(recovering, gateOpen('approve'));
      expect(first.summary).toContain('up to 1.0 s of writes');
      seen.replayAgeSeconds = 2;
      const second = await refreshed(recovering, first);
      expect(second.gates).toHaveLength(1);
      expect(second.gates[0]?.openedAt).toBe(first.gates[0]?.openedAt);
      expect(second.summary).toContain('up to 2.0 s of writes');
      expect(await approveAsShown(recovering, first)).toEqual({
        accepted: true,
        detail: expect.not.stringContaining('does not take effect'),
      });
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
  });

  test('that would change the question are told to who approves of earlier ones, by the answer', async () => {
    const { seen, fakes } = scene();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const first = await statusWhen(recovering, gateOpen('approve'));
      seen.replayAgeSeconds = 120;
      await refreshed(recovering, first);
      expect(await approveAsShown(recovering, first)).toMatchObject({
        accepted: true,
        askedAgain: true,
        detail: expect.stringContaining('does not take effect: the data loss would be 120 s now and was 1 s'),
      });
      expect(await approveAsShown(recovering, first)).toMatchObject({
        accepted: false,
        detail: expect.stringContaining('the facts have changed since it was signed'),
      });
      expect(await approve(env, recovering)).not.toHaveProperty('askedAgain');
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
  });

  test('that forbid it are shown, and leave the gate open until they allow it again', async () => {
    const { seen, fakes } = scene();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const first = await statusWhen(recovering, gateOpen('approve'));
      seen.measures = { ...sound, dataCorrupted: true };
      const second = await refreshed(recovering, first);
      expect(second.summary).toMatch(/^Forbidden by the facts as they are now: DataCorrupted/);
      seen.measures = sound;
      const third = await refreshed(recovering, second);
      expect(third.summary).toBe(first.summary);
      await approveAsShown(recovering, third);
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
  });

  test('that forbid it cannot be approved, however fresh they are', async () => {
    const { seen, fakes } = scene();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const first = await statusWhen(recovering, gateOpen('approve'));
      seen.measures = { ...sound, dataCorrupted: true };
      const second = await refreshed(recovering, first);
      expect(await approveAsShown(recovering, second)).toMatchObject({
        askedAgain: true,
        detail: expect.stringContaining('does not take effect: DataCorrupted'),
      });
      return await recovering.result();
    });
    expect(report.outcome).toBe('refused');
    expect(fakes.calls).not.toContain('fenceDatabase postgresql');
  });

  test('are observed ten times at most', async () => {
    const { fakes } = scene();
    const report = await withWorkers(env, fakes, async () => (await startFailover(env, plan)).result());
    expect(report.outcome).toBe('refused');
    const observations = fakes.calls.filter((call) => call === 'observe').length / 2;
    expect(observations).toBeGreaterThanOrEqual(9);
    expect(observations).toBeLessThanOrEqual(11);
  });
});
