import { Receiver, reply } from '../../../support/activities/notify/receiver.ts';
import { Telling } from '../../../support/activities/notify/telling.ts';

const TOKEN = 'a-bot-token-that-nobody-may-see';

let receiver: Receiver;
let telling: Telling;

beforeEach(async () => {
  receiver = await Receiver.start();
  telling = await Telling.with({ 'teei-csr/slack': TOKEN, 'teei-csr/slack-url': `${receiver.url}/services/T0/B0/key` });
});
afterEach(async () => {
  await receiver.stop();
  await telling.done();
});

const bot = () => ({
  provider: 'slack',
  channel: '#sre-incidents',
  tokenSecret: 'teei-csr/slack',
  endpoint: `${receiver.url}/api`,
});
const hook = { provider: 'slack', webhookSecret: 'teei-csr/slack-url' };
const says = (body: object) => (receiver.answer = (_, response) => reply(response, 200, body));

test('posts to a channel by chat.postMessage, with what a lock screen shows and blocks', async () => {
  says({ ok: true, ts: '1700000000.000100' });
  expect(await telling.notify(bot(), { text: 'lag < 5s & rising' })).toEqual({
    detail: 'posted at 1700000000.000100',
  });
  const [got] = receiver.got;
  expect(got).toMatchObject({ path: '/api/chat.postMessage', headers: { authorization: `Bearer ${TOKEN}` } });
  expect(got?.body).toMatchObject({
    channel: '#sre-incidents',
    text: 'Approve the failover',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'Approve the failover' } },
      { type: 'section', text: { type: 'mrkdwn', text: 'lag &lt; 5s &amp; rising' } },
      { type: 'context' },
    ],
  });
});

test('posts by an incoming webhook, whose answer is plain text', async () => {
  receiver.answer = (_, response) => response.writeHead(200).end('ok');
  expect(await telling.notify(hook)).toEqual({ detail: 'posted' });
  expect(receiver.got).toMatchObject([{ path: '/services/T0/B0/key' }]);
  expect(receiver.got[0]?.body).not.toHaveProperty('channel');
});

test('keeps within the limits of blocks', async () => {
  says({ ok: true, ts: '1' });
  await telling.notify(bot(), { subject: 's'.repeat(400), text: '<'.repeat(4_000) });
  const [{ blocks }] = receiver.got.map(({ body }) => body) as [{ blocks: { text: { text: string } }[] }];
  expect(blocks[0]?.text.text).toHaveLength(150);
  expect(blocks[1]?.text.text.length).toBeLessThanOrEqual(3_000);
});

test.each(['channel_not_found', 'invalid_auth'])('"%s" is for good', async (error) => {
  says({ ok: false, error });
  expect(await telling.failure(bot())).toMatchObject({ type: 'WiringInvalid', message: `Slack answers: ${error}` });
});

test.each(['internal_error', 'service_unavailable'])('"%s" may pass', async (error) => {
  says({ ok: false, error });
  expect(await telling.failure(bot())).toMatchObject({ type: 'NotReached', nonRetryable: false });
});

test('the secret URL is in no error and no log', async () => {
  receiver.answer = (_, response) => reply(response, 403, 'invalid_token');
  const { message } = await telling.failure(hook);
  expect(message + telling.logged.join()).not.toMatch(/services|B0/);
});
