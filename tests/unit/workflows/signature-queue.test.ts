import type { SignatureVerdict } from '../../../activities/contract.ts';
import type { SignedDecision } from '../../../plan/decision.ts';
import { BATCH, MAX_WAITING, SignatureQueue, unverified } from '../../../workflows/signature-queue.ts';

const decision = (name: string): SignedDecision => ({ statement: name, signature: name });
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `forgery ${at}`);
const good = (identity: string): SignatureVerdict => ({ identity, roles: [], keyFingerprint: null, refusal: null });

/** Batches that are verified when the test says so; only `good` is signed. */
function stage() {
  const batches: string[][] = [];
  const pending: (() => void)[] = [];
  const queue = new SignatureQueue(async (decisions) => {
    batches.push(decisions.map(({ statement }) => statement));
    await new Promise<void>((resolve) => pending.push(resolve));
    return decisions.map(({ statement }) => (statement === 'good' ? good(statement) : unverified('forged')));
  });
  const settle = async () => {
    pending.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const send = (name: string) => queue.verify(decision(name));
  return { batches, pending, settle, send };
}

test('a decision is verified at once, and those that come meanwhile together, one activity at a time', async () => {
  const { batches, pending, settle, send } = stage();
  const sent = ['first', ...numbered(10)].map(send);
  expect(batches).toEqual([['first']]);
  await settle();
  expect([batches.length, pending.length, batches[1]?.length]).toEqual([2, 1, 10]);
  await settle();
  expect((await Promise.all(sent)).map(({ refusal }) => refusal)).toEqual(Array(11).fill('forged'));
});

test('each decision has the verdict that is its own', async () => {
  const { settle, send } = stage();
  void send('first');
  const [forged, signed] = [send('forgery'), send('good')];
  await settle();
  await settle();
  expect([await forged, await signed]).toEqual([unverified('forged'), good('good')]);
});

test('a good decision behind thousands of forgeries is in the next activity', async () => {
  const { batches, settle, send } = stage();
  const sent = numbered(3_000).map(send);
  const signed = send('good');
  await settle();
  expect(batches[1]).toHaveLength(BATCH);
  expect(batches[1]).toContain('good');
  await settle();
  expect(await signed).toEqual(good('good'));
  for (let at = 0; at < MAX_WAITING / BATCH; at++) await settle();
  const crowded = (await Promise.all(sent)).filter(({ refusal }) => refusal?.includes('too many'));
  expect(crowded.length).toBeGreaterThanOrEqual(3_000 - MAX_WAITING - 1);
  expect(batches.length).toBeLessThanOrEqual(2 + MAX_WAITING / BATCH);
});
