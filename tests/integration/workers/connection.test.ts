import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { execa } from 'execa';
import { closeClient, openClient } from '../../../starter/client.ts';
import '../../support/workflows/quiet-runtime.ts';

const HOST = '127.0.31.3';

/** What a caller proved itself by. */
interface Caller {
  certificate: string;
  authorization: string | undefined;
}

let folder: string;
const servers: Http2SecureServer[] = [];
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-tls-'));
  await Promise.all(['authority', 'stranger'].map((name) => makeCertificate(name)));
  await Promise.all(['server', 'client'].map((name) => makeCertificate(name, 'authority')));
});

afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('TEMPORAL_')) delete process.env[name];
});

/** A key and a certificate of it; by itself an authority, and otherwise one's own. */
async function makeCertificate(name: string, authority?: string): Promise<void> {
  const signed = authority && ['-CA', file(`${authority}.crt`), '-CAkey', file(`${authority}.key`)];
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${HOST}`, ...(signed || [])],
    ...(signed ? ['-addext', 'basicConstraints=critical,CA:FALSE'] : []),
    ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
  ]);
}

/** Answers every call of gRPC with an empty message, as Temporal's frontend may, and remembers who called. */
async function frontend(clients: 'with a certificate' | 'anybody'): Promise<{ address: string; callers: Caller[] }> {
  const callers: Caller[] = [];
  const [key, cert, ca] = await Promise.all(
    ['server.key', 'server.crt', 'authority.crt'].map((name) => readFile(file(name))),
  );
  const asked = clients === 'with a certificate';
  const server = createSecureServer({
    key,
    cert,
    ...(asked && { ca, requestCert: true, rejectUnauthorized: true }),
  } as object);
  servers.push(server);
  server.on('sessionError', () => {});
  server.on('stream', (stream, { authorization }) => {
    const socket = stream.session?.socket as TLSSocket | undefined;
    callers.push({ certificate: String(socket?.getPeerCertificate?.().subject?.CN), authorization });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return { address: `${HOST}:${(server.address() as { port: number }).port}`, callers };
}

/** As the worker connects, and as gateway and CLI do. */
async function connectAll(): Promise<void> {
  const { connectionOptions } = loadClientConnectConfig();
  await (await NativeConnection.connect(connectionOptions)).close();
  const client = openClient();
  try {
    await client.withDeadline(Date.now() + 10_000, () => client.workflowService.getSystemInfo({}));
  } finally {
    await closeClient(client);
  }
}

test('mTLS by the standard environment: worker, gateway and CLI show their certificate and check the server', async () => {
  const { address, callers } = await frontend('with a certificate');
  Object.assign(process.env, {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.crt'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('client.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('authority.crt'),
  });
  await connectAll();
  expect(callers.length).toBeGreaterThanOrEqual(2);
  expect(new Set(callers.map(({ certificate }) => certificate))).toEqual(new Set(['client']));
});

test('without the certificate that the server wants, and with a server of another authority, nobody connects', async () => {
  const { address, callers } = await frontend('with a certificate');
  const authority = { TEMPORAL_ADDRESS: address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('authority.crt') };
  Object.assign(process.env, authority);
  await expect(connectAll()).rejects.toThrow();
  Object.assign(process.env, {
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.crt'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('client.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('stranger.crt'),
  });
  await expect(connectAll()).rejects.toThrow();
  expect(callers).toEqual([]);
});

test('an API key by the standard environment: it goes with every call, over TLS', async () => {
  const { address, callers } = await frontend('anybody');
  Object.assign(process.env, {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_API_KEY: 'the-key-of-a-test',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('authority.crt'),
  });
  await connectAll();
  expect(callers.length).toBeGreaterThanOrEqual(2);
  expect(new Set(callers.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer the-key-of-a-test']));
});
