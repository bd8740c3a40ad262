import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { server } from '../../../lab/cloudflare/server.ts';
import { openZone, type Zone } from '../../../lab/cloudflare/zone.ts';

const ZONE = 'teei-edge.test';
const TOKEN = 'a-token';

let folder: string;
let zone: Zone;
let app: FastifyInstance;

async function open(): Promise<void> {
  zone = await openZone(folder, ZONE, '127.0.0.30');
  app = server(zone, TOKEN);
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
async function call(method: Method, path: string, payload?: object, token = TOKEN) {
  const answer = await app.inject({
    method,
    url: `/client/v4/zones${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, ...answer.json() };
}

const records = (rest = '') => `/${zone.id}/dns_records${rest}`;
const zoneText = () => readFile(join(folder, `${ZONE}.zone`), 'utf8');
const serial = async () => Number(/hostmaster\.\S+ (\d+)/.exec(await zoneText())?.[1]);
const www = { name: `www.${ZONE}`, type: 'A', content: '127.0.0.10', ttl: 1 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-cloudflare-'));
  await open();
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test('a zone is found by its name, and another is not', async () => {
  const found = await call('GET', `?name=${ZONE}`);
  expect(found).toMatchObject({ status: 200, success: true, errors: [], result: [{ id: zone.id, name: ZONE }] });
  expect(await call('GET', '?name=other.test')).toMatchObject({ success: true, result: [] });
  expect(await call('GET', `/${zone.id}`)).toMatchObject({ result: { name: ZONE, status: 'active' } });
});

test('without the token nothing is told or changed', async () => {
  const refused = { status: 403, success: false, errors: [{ code: 9109 }], result: null };
  expect(await call('GET', '', undefined, 'another')).toMatchObject(refused);
  expect(await call('POST', records(), www, `${TOKEN}x`)).toMatchObject(refused);
  expect(zone.records()).toEqual([]);
});

test('a record is created, listed by filter, read, and in the zone file', async () => {
  const { status, result } = await call('POST', records(), www);
  expect({ status, result }).toMatchObject({ status: 200, result: { ...www, proxied: false } });
  expect(await call('GET', records(`/${result.id}`))).toMatchObject({ result });
  expect(await call('GET', records('?name=www.teei-edge.test&type=A'))).toMatchObject({
    result: [result],
    result_info: { count: 1, total_count: 1, page: 1 },
  });
  expect(await call('GET', records('?type=CNAME'))).toMatchObject({ result: [] });
  expect(await call('GET', records('?content=127.0.0.20'))).toMatchObject({ result: [] });
  expect(await zoneText()).toContain('www.teei-edge.test. 1 IN A 127.0.0.10\n');
});

test('each change raises the serial, a refusal does not', async () => {
  const before = await serial();
  const { result } = await call('POST', records(), www);
  expect(await serial()).toBe(before + 1);
  expect(await call('POST', records(), www)).toMatchObject({ status: 400, errors: [{ code: 81058 }] });
  expect(await serial()).toBe(before + 1);
  await call('PATCH', records(`/${result.id}`), { content: '127.0.0.20' });
  expect(await serial()).toBe(before + 2);
});

test('PATCH keeps what it does not name, PUT does not', async () => {
  const { result } = await call('POST', records(), { ...www, ttl: 60, comment: 'the edge' });
  const patched = await call('PATCH', records(`/${result.id}`), { content: '127.0.0.20' });
  expect(patched.result).toMatchObject({ id: result.id, content: '127.0.0.20', ttl: 60, comment: 'the edge' });
  expect(await zoneText()).toContain('www.teei-edge.test. 60 IN A 127.0.0.20\n');
  const { name, type } = www;
  const put = await call('PUT', records(`/${result.id}`), { name, type, content: '127.0.0.10' });
  expect(put.result).toMatchObject({ id: result.id, content: '127.0.0.10', ttl: 1, comment: null });
});

test('a deleted record is gone from the API and from the zone', async () => {
  const { result } = await call('POST', records(), www);
  expect(await call('DELETE', records(`/${result.id}`))).toMatchObject({ status: 200, result: { id: result.id } });
  expect(await call('DELETE', records(`/${result.id}`))).toMatchObject({ status: 404, errors: [{ code: 81044 }] });
  expect(await zoneText()).not.toContain('www');
});

test.each([
  ['an address of no kind', { ...www, content: '127.0.0.300' }],
  ['an IPv6 address in an A record', { ...www, content: '::1' }],
  ['a second line for the zone file', { ...www, type: 'TXT', content: 'one\ntwo IN A 127.0.0.1' }],
  ['a name that is none', { ...www, name: 'two words' }],
  ['a type it does not know', { ...www, type: 'MX' }],
  ['a TTL of nothing', { ...www, ttl: 0 }],
])('%s is refused', async (_what, record) => {
  expect(await call('POST', records(), record)).toMatchObject({
    status: 400,
    success: false,
    errors: [{ code: 9005 }],
  });
  expect(zone.records()).toEqual([]);
});

test('what is not there is refused in the envelope', async () => {
  expect(await call('GET', '/0123/dns_records')).toMatchObject({
    status: 404,
    success: false,
    errors: [{ code: 7003 }],
  });
  expect(await call('PATCH', records('/0123'), { ttl: 5 })).toMatchObject({ status: 404, errors: [{ code: 81044 }] });
  expect(await call('GET', '/a/b/c')).toMatchObject({ status: 404, success: false });
});

test('a restart loses nothing, and the serial goes on', async () => {
  const { result } = await call('POST', records(), www);
  const before = await serial();
  await app.close();
  await open();
  expect(await call('GET', records(`/${result.id}`))).toMatchObject({ result });
  expect(await serial()).toBeGreaterThan(before);
});

test('changes at the same time all arrive', async () => {
  await Promise.all([1, 2, 3, 4, 5].map((n) => call('POST', records(), { ...www, name: `host-${n}` })));
  const text = await zoneText();
  for (const n of [1, 2, 3, 4, 5]) expect(text).toContain(`host-${n}.teei-edge.test. 1 IN A 127.0.0.10`);
});

test('a batch is done as a whole, deletions first, and is one change', async () => {
  const { result: old } = await call('POST', records(), www);
  const { result: mark } = await call('POST', records(), { ...www, name: '_mark', type: 'TXT', content: 'one' });
  const before = await serial();
  const batch = {
    deletes: [{ id: mark.id }],
    patches: [{ id: old.id, content: '127.0.0.20' }],
    posts: [{ ...www, name: '_mark', type: 'TXT', content: 'two' }],
  };
  expect(await call('POST', records('/batch'), batch)).toMatchObject({
    status: 200,
    result: { deletes: [{ id: mark.id }], patches: [{ id: old.id, content: '127.0.0.20', ttl: 1 }], posts: [{}] },
  });
  expect(await serial()).toBe(before + 1);
  expect(zone.records().map(({ content }) => content)).toEqual(['127.0.0.20', 'two']);

  // The mark that it would take away is gone.
  const late = { ...batch, patches: [{ id: old.id, content: '127.0.0.10' }] };
  expect(await call('POST', records('/batch'), late)).toMatchObject({ status: 404, errors: [{ code: 81044 }] });
  const twice = { patches: [{ id: old.id, ttl: 9 }], posts: [{ ...www, name: '_mark', type: 'TXT', content: 'two' }] };
  expect(await call('POST', records('/batch'), twice)).toMatchObject({ status: 400, errors: [{ code: 81058 }] });
  expect(zone.records().map(({ content, ttl }) => [content, ttl])).toEqual([
    ['127.0.0.20', 1],
    ['two', 1],
  ]);
  expect(await serial()).toBe(before + 1);
});
