import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { FastifyInstance } from 'fastify';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import { encryptionCodec } from '../../../codec/data-converter.ts';
import { buildCodecServer } from '../../../codec/server/server.ts';

const { Payloads } = proto.temporal.api.common.v1;
const UI = 'http://127.0.0.1:8080';
const TOKEN = 'a-token-of-a-test';
const bearer = { authorization: `Bearer ${TOKEN}` };

let folder: string;
let app: FastifyInstance;
let body: object;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-codec-'));
  await mkdir(join(folder, 'codec'));
  await writeFile(join(folder, 'codec', 'keys'), `test ${randomBytes(32).toString('base64')}\n`);
  await writeFile(join(folder, 'codec', 'token'), `${TOKEN}\n`);
  app = buildCodecServer({ codec: encryptionCodec(folder), secrets: secretsFromFolder(folder), uiOrigin: UI });
  const payload = defaultPayloadConverter.toPayload('a secret plan') as Payload;
  const payloads = await encryptionCodec(folder).encode([payload]);
  body = Payloads.create({ payloads }).toJSON();
});

afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

const decode = (headers: Record<string, string>, payload: object = body) =>
  app.inject({ method: 'POST', url: '/decode', headers, payload });

const decoded = (json: { payloads: { data: string }[] }) =>
  Buffer.from(json.payloads[0]?.data ?? '', 'base64').toString();

test('decodes for the bearer of the token, and encodes back', async () => {
  const answer = await decode(bearer);
  expect(answer.statusCode).toBe(200);
  expect(decoded(answer.json())).toBe('"a secret plan"');
  const back = await app.inject({ method: 'POST', url: '/encode', headers: bearer, payload: answer.json() });
  expect(back.body).not.toContain(answer.json().payloads[0].data);
  expect(decoded((await decode(bearer, back.json())).json())).toBe('"a secret plan"');
});

test.each([[{}], [{ authorization: 'Bearer wrong' }], [{ cookie: 'lifeboat-codec=wrong' }]])(
  'refuses who does not know the token: %j',
  async (headers) => {
    expect((await decode(headers as Record<string, string>)).statusCode).toBe(401);
  },
);

test("answers the UI's pages only, preflight included", async () => {
  const asked = await app.inject({ method: 'OPTIONS', url: '/decode', headers: { origin: UI } });
  expect(asked.statusCode).toBe(204);
  expect(asked.headers['access-control-allow-origin']).toBe(UI);
  expect(asked.headers['access-control-allow-headers']).toContain('authorization');
  const own = await decode({ ...bearer, origin: UI });
  expect(own.headers['access-control-allow-origin']).toBe(UI);
  const foreign = await decode({ ...bearer, origin: 'https://evil.example' });
  expect(foreign.statusCode).toBe(403);
  expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
});

test('a browser signs in once and then sends its cookie', async () => {
  expect((await app.inject({ url: '/' })).body).toContain('<form');
  const form = (token: string) =>
    app.inject({
      method: 'POST',
      url: '/session',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `token=${token}`,
    });
  expect((await form('wrong')).statusCode).toBe(401);
  const cookie = `${(await form(TOKEN)).headers['set-cookie']}`;
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  expect((await decode({ cookie: cookie.split(';')[0] ?? '', origin: UI })).statusCode).toBe(200);
});

test('says what is wrong with a payload', async () => {
  const payloads = [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' }, data: 'AAAA' }];
  const answer = await decode(bearer, { payloads });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error).toMatch(/not among the codec's keys/);
});
