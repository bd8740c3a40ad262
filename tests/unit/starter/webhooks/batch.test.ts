import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { batched } from '../../../../starter/webhooks/batch.ts';
import type { Incidents } from '../../../../starter/webhooks/incidents.ts';
import type { Alert } from '../../../../workflows/incident-messages.ts';

const plan = (system: string) => ({ system }) as RecoveryPlan;
const alertOf = (fingerprint: string, summary = ''): Alert => ({
  fingerprint,
  status: 'firing',
  name: 'RegionUnreachable',
  labels: {},
  summary,
  startsAt: '2026-03-01T12:00:00.000Z',
  receivedAt: '2026-03-01T12:00:01.000Z',
  source: 'standard',
});

interface Signal {
  system: string;
  fingerprints: string[];
  timeoutMs: number;
}

/** Takes note of signals; `fail` may refuse one. */
function recorder(fail: (signal: Signal) => Error | null = () => null) {
  const signals: Signal[] = [];
  const incidents: Incidents = {
    async raise({ system }, alerts, timeoutMs) {
      const signal = { system, fingerprints: alerts.map(({ fingerprint }) => fingerprint), timeoutMs };
      signals.push(signal);
      const error = fail(signal);
      if (error) throw error;
    },
    check: async () => {},
  };
  return { signals, incidents };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

test('a storm is one signal at once and one for each window after', async () => {
  const { signals, incidents } = recorder();
  const { raise } = batched(incidents, { windowMs: 50, maxBytes: 1_000_000 });
  await raise(plan('one'), [alertOf('first')], 4_000);
  await Promise.all(numbers(500).map((fingerprint) => raise(plan('one'), [alertOf(fingerprint)], 4_000)));
  expect(signals.map(({ fingerprints }) => fingerprints.length)).toEqual([1, 500]);
});

test('nobody is answered before Temporal has the signal with the alert', async () => {
  let taken = false;
  const incidents: Incidents = {
    async raise() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      taken = true;
    },
    check: async () => {},
  };
  await batched(incidents, { windowMs: 10, maxBytes: 1_000_000 }).raise(plan('one'), [alertOf('a')], 4_000);
  expect(taken).toBe(true);
});

test('all who wait for a signal that was refused are told so, and the next signal is not harmed', async () => {
  const { signals, incidents } = recorder(({ fingerprints }) =>
    fingerprints.includes('bad') ? new Error('gone') : null,
  );
  const { raise } = batched(incidents, { windowMs: 10, maxBytes: 1_000_000 });
  const both = ['bad', 'good'].map((fingerprint) => raise(plan('one'), [alertOf(fingerprint)], 4_000));
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(raise(plan('one'), [alertOf('good')], 4_000)).resolves.toBeUndefined();
  expect(signals).toHaveLength(2);
});

test('what is too large for one signal goes in several, and its sender waits for all of them', async () => {
  const { signals, incidents } = recorder();
  const { raise } = batched(incidents, { windowMs: 10, maxBytes: 2_000 });
  await raise(
    plan('one'),
    numbers(10).map((fingerprint) => alertOf(fingerprint, 'x'.repeat(500))),
    4_000,
  );
  expect(signals.length).toBeGreaterThan(3);
  expect(signals.flatMap(({ fingerprints }) => fingerprints)).toEqual(numbers(10));
});

test('an alert that is larger than a signal goes alone', async () => {
  const { signals, incidents } = recorder();
  await batched(incidents, { windowMs: 10, maxBytes: 100 }).raise(plan('one'), [alertOf('a', 'x'.repeat(500))], 4_000);
  expect(signals).toHaveLength(1);
});

test('systems do not wait for each other', async () => {
  const { signals, incidents } = recorder();
  const { raise } = batched(incidents, { windowMs: 60_000, maxBytes: 1_000_000 });
  await Promise.all(['one', 'two'].map((system) => raise(plan(system), [alertOf('a')], 4_000)));
  expect(signals.map(({ system }) => system).sort()).toEqual(['one', 'two']);
});

test('the time of the most impatient is what Temporal gets', async () => {
  const { signals, incidents } = recorder();
  const { raise } = batched(incidents, { windowMs: 10, maxBytes: 1_000_000 });
  await Promise.all([raise(plan('one'), [alertOf('a')], 4_000), raise(plan('one'), [alertOf('b')], 1_000)]);
  expect(signals[0]?.timeoutMs).toBeLessThanOrEqual(1_000);
});
