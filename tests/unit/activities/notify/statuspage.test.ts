import { Receiver, reply } from '../../../support/activities/notify/receiver.ts';
import { Telling } from '../../../support/activities/notify/telling.ts';

const TOKEN = 'a-key-that-nobody-may-see';

let receiver: Receiver;
let telling: Telling;
/** The incidents that are not resolved, as Statuspage answers them. */
let unresolved: object[];

beforeEach(async () => {
  receiver = await Receiver.start();
  telling = await Telling.with({ 'teei-csr/statuspage': TOKEN });
  unresolved = [];
  receiver.answer = ({ method }, response) =>
    reply(response, method === 'POST' ? 201 : 200, method === 'GET' ? unresolved : { id: 'i1' });
});
afterEach(async () => {
  await receiver.stop();
  await telling.done();
});

const page = () => ({
  provider: 'statuspage',
  page: 'teei',
  tokenSecret: 'teei-csr/statuspage',
  endpoint: `${receiver.url}/v1`,
});
const incident = (system: string, status: string, body: string) => ({
  id: `of ${system}`,
  status,
  metadata: { lifeboat: { system } },
  incident_updates: [{ status, body }],
});
const OURS = 'teei-csr';
const changes = () => receiver.got.filter(({ method }) => method !== 'GET');

test('opens an incident that is found again by its system', async () => {
  await telling.notify(page());
  expect(receiver.got[0]).toMatchObject({
    path: '/v1/pages/teei/incidents/unresolved',
    headers: { authorization: `OAuth ${TOKEN}` },
  });
  expect(changes()).toMatchObject([
    {
      method: 'POST',
      path: '/v1/pages/teei/incidents',
      body: {
        incident: {
          name: 'Approve the failover',
          body: 'us-east-1 is dark',
          status: 'investigating',
          metadata: { lifeboat: { system: OURS } },
        },
      },
    },
  ]);
});

test('adds to its own incident, and to no other', async () => {
  unresolved = [incident('other', 'investigating', 'x'), incident(OURS, 'investigating', 'us-east-1 is dark')];
  await telling.notify(page(), { stage: 'identified', text: 'promoting' });
  expect(changes()).toMatchObject([
    {
      method: 'PATCH',
      path: `/v1/pages/teei/incidents/of ${OURS}`.replaceAll(' ', '%20'),
      body: { incident: { status: 'identified', body: 'promoting' } },
    },
  ]);
});

test('what an incident opened, its recovery adds to', async () => {
  unresolved = [incident(OURS, 'investigating', 'us-east-1 is dark')];
  for (const workflowId of ['incident/teei-csr', 'recovery/teei-csr']) {
    await telling.notify(page(), { workflowId, stage: 'identified', text: workflowId });
  }
  expect(changes()).toMatchObject([{ method: 'PATCH' }, { method: 'PATCH' }]);
});

test('resolves it', async () => {
  unresolved = [incident(OURS, 'monitoring', 'serves again')];
  await telling.notify(page(), { kind: 'finished', stage: 'resolved', text: 'as usual' });
  expect(changes()).toMatchObject([{ body: { incident: { status: 'resolved', body: 'as usual' } } }]);
});

test('a repeat finds its own words and adds nothing', async () => {
  unresolved = [incident(OURS, 'investigating', 'us-east-1 is dark')];
  expect(await telling.notify(page())).toEqual({ detail: 'said already' });
  unresolved = [];
  expect(await telling.notify(page(), { stage: 'resolved' })).toEqual({ detail: 'no incident is open there' });
  expect(changes()).toEqual([]);
});

test('something else than incidents is tried again, not written to', async () => {
  receiver.answer = (_, response) => reply(response, 200, { error: 'maintenance' });
  expect(await telling.failure(page())).toMatchObject({ type: 'NotReached', nonRetryable: false });
  expect(changes()).toEqual([]);
});
