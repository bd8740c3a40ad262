import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../lab/sink/received.ts';
import { server } from '../../../lab/sink/server.ts';
import { SYSTEM } from '../../support/lab/shape.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-sink-'));
  file = join(folder, 'below', 'received.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

async function post(url: string, payload: object): Promise<number> {
  const headers = { authorization: 'Bearer very-secret', 'x-kind': 'gate' };
  return (await server(openStore(file)).inject({ method: 'POST', url, payload, headers })).statusCode;
}

test('what was posted is answered, oldest first, also after a restart', async () => {
  expect(await post('/notify', { subject: 'one' })).toBe(202);
  expect(await post('/notify/executives', { subject: 'two' })).toBe(202);
  const answer = await server(openStore(file)).inject({ method: 'GET', url: '/received' });
  expect(answer.json()).toMatchObject([
    { path: '/notify', body: { subject: 'one' }, headers: { 'x-kind': 'gate' }, at: expect.stringMatching(/Z$/) },
    { path: '/notify/executives', body: { subject: 'two' } },
  ]);
});

test('the token or key that came with it is kept nowhere', async () => {
  await post('/notify', {});
  await post('/pagerduty/v2/enqueue', { routing_key: 'very-secret', dedup_key: `recovery/${SYSTEM}` });
  const answer = await server(openStore(file)).inject({ method: 'GET', url: '/received' });
  expect(answer.json()).toMatchObject([{ body: {} }, { body: { dedup_key: `recovery/${SYSTEM}` } }]);
  expect(answer.body).not.toContain('very-secret');
  expect(await readFile(file, 'utf8')).not.toContain('very-secret');
});

test('nothing received is an empty list', async () => {
  expect((await server(openStore(file)).inject({ method: 'GET', url: '/received' })).json()).toEqual([]);
});

test('a status page keeps its incidents until they are resolved', async () => {
  const app = server(openStore(file));
  const base = '/statuspage/v1/pages/teei/incidents';
  const unresolved = async () => (await app.inject({ method: 'GET', url: `${base}/unresolved` })).json();
  const incident = { name: 'Trouble', status: 'investigating', body: 'looking', metadata: { lifeboat: { a: 1 } } };
  const made = await app.inject({ method: 'POST', url: base, payload: { incident } });
  expect(made.statusCode).toBe(201);
  const { id } = made.json();
  await app.inject({
    method: 'PATCH',
    url: `${base}/${id}`,
    payload: { incident: { status: 'identified', body: 'found' } },
  });
  expect(await unresolved()).toMatchObject([
    {
      name: 'Trouble',
      status: 'identified',
      metadata: incident.metadata,
      incident_updates: [
        { status: 'identified', body: 'found' },
        { status: 'investigating', body: 'looking' },
      ],
    },
  ]);
  await app.inject({
    method: 'PATCH',
    url: `${base}/${id}`,
    payload: { incident: { status: 'resolved', body: 'done' } },
  });
  expect(await unresolved()).toEqual([]);
  const nobody = await app.inject({ method: 'PATCH', url: `${base}/other`, payload: { incident } });
  expect(nobody.statusCode).toBe(404);
});
