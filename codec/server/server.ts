import { createHash, timingSafeEqual } from 'node:crypto';
import proto from '@temporalio/proto';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Secrets } from '../../activities/secrets.ts';
import type { EncryptionCodec } from '../encryption-codec.ts';

const { Payloads } = proto.temporal.api.common.v1;

/** Name of the secret that callers must know. */
export const TOKEN_SECRET = 'codec/token';

const COOKIE = 'lifeboat-codec';
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** Browsers cannot give a header of their own to Temporal's UI: this page gives them a cookie in its place. */
const SIGN_IN = `<!doctype html><meta charset="utf-8"><title>Lifeboat codec server</title>
<form method="post" action="/session"><label>Token <input type="password" name="token" autofocus></label> <button>Sign in</button></form>`;

export interface CodecServerOptions {
  codec: EncryptionCodec;
  secrets: Secrets;
  /** Where Temporal's UI is served, such as `http://127.0.0.1:8080`; pages of other origins are refused. */
  uiOrigin: string;
}

/**
 * Decodes payloads for Temporal's UI and CLI: `POST /decode` and `/encode` with `{"payloads": [...]}`, as Temporal's
 * remote codec protocol has it. Callers prove themselves with a bearer token, or with the cookie that `/` gives.
 */
export function buildCodecServer({ codec, secrets, uiOrigin }: CodecServerOptions): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES, logger: false });
  allowOrigin(app, uiOrigin);
  signIn(app, secrets);
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (!(await isAllowed(request, secrets))) return reply.code(401).send({ error: 'token missing or wrong' });
    });
    for (const operation of ['encode', 'decode'] as const) {
      scope.post(`/${operation}`, async (request, reply) => {
        const { payloads } = Payloads.fromObject(request.body as object);
        try {
          return Payloads.create({ payloads: await codec[operation](payloads) }).toJSON();
        } catch (error) {
          return reply.code(400).send({ error: (error as Error).message });
        }
      });
    }
  });
  return app;
}

function allowOrigin(app: FastifyInstance, uiOrigin: string): void {
  app.addHook('onRequest', async ({ headers, method, host, protocol }, reply) => {
    const { origin } = headers;
    if (origin === undefined || origin === `${protocol}://${host}`) return;
    if (origin !== uiOrigin) return reply.code(403).send({ error: 'this origin may not decode' });
    reply.header('access-control-allow-origin', uiOrigin).header('vary', 'origin');
    reply.header('access-control-allow-credentials', 'true');
    if (method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', 'POST');
    reply.header('access-control-allow-headers', 'authorization, content-type, x-namespace');
    return reply.code(204).send();
  });
  app.options('/*', async (_request, reply) => reply.code(204).send());
}

function signIn(app: FastifyInstance, secrets: Secrets): void {
  app.get('/', async (_request, reply) => reply.type('text/html').send(SIGN_IN));
  app.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(body as string)),
    );
    scope.post('/session', async (request, reply) => {
      const token = (request.body as URLSearchParams).get('token') ?? '';
      if (!(await isToken(token, secrets))) return reply.code(401).send({ error: 'wrong token' });
      reply.header('set-cookie', `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/`);
      return reply.send({ status: 'signed in; go back to Temporal' });
    });
  });
}

async function isAllowed({ headers }: FastifyRequest, secrets: Secrets): Promise<boolean> {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const cookie = headers.cookie?.split('; ').find((part) => part.startsWith(`${COOKIE}=`));
  const given = bearer ?? (cookie && decodeURIComponent(cookie.slice(COOKIE.length + 1)));
  return given !== undefined && (await isToken(given, secrets));
}

/** In constant time: digests are compared, since they have one length whatever the token's. */
async function isToken(given: string, secrets: Secrets): Promise<boolean> {
  return timingSafeEqual(digest(given), digest(await secrets.get(TOKEN_SECRET)));
}

const digest = (text: string) => createHash('sha256').update(text).digest();
