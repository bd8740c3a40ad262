import { Receiver, reply } from '../../../support/activities/notify/receiver.ts';
import { Telling } from '../../../support/activities/notify/telling.ts';

const KEY = 'routing-key-of-32-characters-xxxx';

let receiver: Receiver;
let telling: Telling;

beforeEach(async () => {
  receiver = await Receiver.start();
  telling = await Telling.with({ 'teei-csr/pagerduty': KEY });
});
afterEach(async () => {
  await receiver.stop();
  await telling.done();
});

const service = () => ({ provider: 'pagerduty', routingKeySecret: 'teei-csr/pagerduty', endpoint: receiver.url });

test('triggers an alert under the key of the workflow', async () => {
  expect(await telling.notify(service())).toEqual({ detail: 'triggered' });
  expect(receiver.got).toMatchObject([{ method: 'POST', path: '/v2/enqueue' }]);
  expect(receiver.got[0]?.body).toEqual({
    routing_key: KEY,
    event_action: 'trigger',
    dedup_key: 'recovery/teei-csr',
    payload: {
      summary: 'Approve the failover',
      source: 'recovery/teei-csr',
      severity: 'critical',
      class: 'gate',
      custom_details: { text: 'us-east-1 is dark', stage: 'investigating' },
    },
  });
});

test('resolves the same alert when the system has recovered, and only then', async () => {
  expect(await telling.notify(service(), { kind: 'finished', stage: 'resolved' })).toEqual({ detail: 'resolved' });
  await telling.notify(service(), { kind: 'finished', stage: 'identified' });
  expect(receiver.got.map(({ body }) => body)).toMatchObject([
    { event_action: 'resolve', dedup_key: 'recovery/teei-csr' },
    { event_action: 'trigger', dedup_key: 'recovery/teei-csr' },
  ]);
});

test('a repeat is the same event', async () => {
  await telling.notify(service());
  await telling.notify(service());
  expect(receiver.got[1]?.body).toEqual(receiver.got[0]?.body);
});

test('an event that PagerDuty calls invalid is not sent again', async () => {
  receiver.answer = (_, response) => reply(response, 400, { status: 'invalid event', errors: ['routing_key'] });
  const failure = await telling.failure(service());
  expect(failure).toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  expect(failure.message).not.toContain(KEY);
});
