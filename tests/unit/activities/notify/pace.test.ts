import { retryAfterMs } from '../../../../activities/notify/call.ts';
import { Receiver, reply } from '../../../support/activities/notify/receiver.ts';
import { Telling } from '../../../support/activities/notify/telling.ts';

let receiver: Receiver;
let telling: Telling;

beforeEach(async () => {
  receiver = await Receiver.start();
  telling = await Telling.with();
});
afterEach(async () => {
  await receiver.stop();
  await telling.done();
});

const place = (name = 'chat') => ({ name, provider: 'webhook', url: receiver.url });

test('a channel that asks to be left alone says when the next attempt comes', async () => {
  receiver.answer = (_, response) => reply(response, 429, undefined, { 'retry-after': '7' });
  const failure = await telling.failure(place());
  expect(failure).toMatchObject({ type: 'NotReached', nonRetryable: false, nextRetryDelay: 7_000 });
});

test('other messages to that channel are kept back meanwhile, and other channels are not', async () => {
  receiver.answer = (_, response) => reply(response, 429, undefined, { 'retry-after': '60' });
  await telling.failure(place());
  receiver.answer = (_, response) => reply(response, 202);
  const kept = await telling.failure(place());
  expect(kept.nextRetryDelay).toBeGreaterThan(50_000);
  expect(receiver.got).toHaveLength(1);
  await telling.notify(place('other'));
  expect(receiver.got).toHaveLength(2);
});

test('a channel gets one message a second, in turns', async () => {
  const startedAt = Date.now();
  await Promise.all([telling.notify(place()), telling.notify(place()), telling.notify(place())]);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_990);
  expect(receiver.got).toHaveLength(3);
});

test('Retry-After is read in seconds and as a date, and never as no time at all', () => {
  expect(retryAfterMs('3')).toBe(3_000);
  expect(retryAfterMs('0')).toBe(1_000);
  const date = new Date(Date.now() + 20_000).toUTCString();
  expect(retryAfterMs(date)).toBeGreaterThan(18_000);
  expect(retryAfterMs(date)).toBeLessThanOrEqual(20_000);
  expect(retryAfterMs(null)).toBe(30_000);
  expect(retryAfterMs('soon')).toBe(30_000);
});
