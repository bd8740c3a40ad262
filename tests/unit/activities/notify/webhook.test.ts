import { Receiver, reply } from '../../../support/activities/notify/receiver.ts';
import { NOTICE, Telling } from '../../../support/activities/notify/telling.ts';

const TOKEN = 'a-token-that-nobody-may-see';

let receiver: Receiver;
let telling: Telling;

beforeEach(async () => {
  receiver = await Receiver.start();
  telling = await Telling.with({ 'teei-csr/pager': TOKEN });
});
afterEach(async () => {
  await receiver.stop();
  await telling.done();
});

const place = (name = 'pager') => ({ name, provider: 'webhook', url: receiver.url, tokenSecret: 'teei-csr/pager' });

test('posts the notice as it is, with the token', async () => {
  expect(await telling.notify(place())).toEqual({ detail: 'posted' });
  expect(receiver.got).toMatchObject([{ method: 'POST', body: NOTICE, headers: { authorization: `Bearer ${TOKEN}` } }]);
});

test('gives every delivery a key that its retry has again', async () => {
  await telling.notify(place());
  await telling.notify(place('chat'));
  await telling.notify(place());
  const keys = receiver.got.map(({ headers }) => headers['idempotency-key'] as string);
  expect(keys[0]).toMatch(/\/pager$/);
  expect(keys[2]).toBe(keys[0]);
  expect(keys[1]).not.toBe(keys[0]);
});

test('what an earlier attempt has delivered is not sent again', async () => {
  const heartbeats: unknown[] = [];
  await telling.notify(place(), {}, { heartbeats });
  const info = { heartbeatDetails: heartbeats.at(-1), attempt: 2 };
  expect(await telling.notify(place(), {}, { info })).toEqual({ detail: 'posted' });
  expect(receiver.got).toHaveLength(1);
});

describe('fails', () => {
  test.each([500, 503, 408])('in a way that may pass on %i', async (status) => {
    receiver.answer = (_, response) => reply(response, status);
    expect(await telling.failure(place())).toMatchObject({ type: 'NotReached', nonRetryable: false });
  });

  test.each([400, 401, 404, 410])('for good on %i', async (status) => {
    receiver.answer = (_, response) => reply(response, status);
    expect(await telling.failure(place())).toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  });

  test('where nobody listens, and may pass', async () => {
    const closed = { ...place(), url: 'http://127.0.0.1:9/' };
    expect(await telling.failure(closed)).toMatchObject({ type: 'NotReached', nonRetryable: false });
  });

  test('without its secret, for good', async () => {
    const failure = await telling.failure({ ...place(), tokenSecret: 'teei-csr/none' });
    expect(failure).toMatchObject({ type: 'SecretMissing', nonRetryable: true });
  });

  test('rather than take the token elsewhere', async () => {
    receiver.answer = ({ path }, response) =>
      path === '/' ? reply(response, 307, undefined, { location: '/elsewhere' }) : reply(response, 202);
    expect((await telling.failure(place())).message).toMatch(/redirect/);
    expect(receiver.got.map(({ path }) => path)).toEqual(['/']);
  });

  test('after five seconds of silence, and no later', async () => {
    receiver.answer = () => {};
    const startedAt = Date.now();
    expect(await telling.failure(place())).toMatchObject({ type: 'NotReached', nonRetryable: false });
    expect(Date.now() - startedAt).toBeGreaterThan(4_500);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    expect(receiver.got).toHaveLength(1);
  });

  test('telling no secret to the log', async () => {
    receiver.answer = (_, response) => reply(response, 500);
    await telling.failure(place());
    expect(telling.logged).toHaveLength(1);
    expect(telling.logged[0]).toContain('answered 500');
    expect(telling.logged[0]).not.toContain(TOKEN);
  });
});
