import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Telling } from '../../../support/activities/notify/telling.ts';

const PASSWORD = 'a-password-that-nobody-may-see';

let folder: string;
let key: string;
let cert: string;
let telling: Telling;
let server: SMTPServer;
let received: { secure: boolean; user: string | undefined; mail: Email }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-smtp-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  await execa('openssl', ['req', '-x509', ...made, ...subject, '-keyout', keyFile, '-out', certFile]);
  [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
  telling = await Telling.with({ 'smtp/password': PASSWORD, 'smtp/ca': cert.trimEnd() });
});
afterAll(async () => {
  await telling.done();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  received = [];
});
afterEach(() => new Promise<void>((resolve) => server.close(resolve)));

async function listen(options: SMTPServerOptions = {}): Promise<void> {
  server = new SMTPServer({
    key,
    cert,
    onAuth: ({ username, password }, _, done) =>
      password === PASSWORD ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, { secure, user }, done) {
      text(stream)
        .then((raw) => PostalMime.parse(raw))
        .then((mail) => received.push({ secure, user: user as string | undefined, mail }))
        .then(() => done());
    },
    ...options,
  });
  // What clients do wrong is for the tests to see on the other side.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

const post = (changes: object = {}) => ({
  provider: 'email',
  host: '127.0.0.1',
  port: (server.server.address() as AddressInfo).port,
  tls: 'starttls',
  caSecret: 'smtp/ca',
  user: 'lifeboat',
  passwordSecret: 'smtp/password',
  from: 'lifeboat@example.com',
  to: ['engineering@example.com', 'cto@example.com'],
  ...changes,
});

test.each(['starttls', 'implicit'])('sends with %s, by a certificate that is checked, and a password', async (tls) => {
  await listen({ secure: tls === 'implicit' });
  const { detail } = await telling.notify(post({ tls }));
  expect(detail).toBe('taken for engineering@example.com, cto@example.com');
  expect(received).toMatchObject([
    {
      secure: true,
      user: 'lifeboat',
      mail: {
        subject: 'Approve the failover',
        from: { address: 'lifeboat@example.com' },
        to: [{ address: 'engineering@example.com' }, { address: 'cto@example.com' }],
        text: 'us-east-1 is dark\n',
      },
    },
  ]);
});

test('a repeat has the same Message-ID, and all of a workflow refer to the same', async () => {
  await listen();
  await telling.notify(post());
  await telling.notify(post());
  await telling.notify(post({ name: 'other' }));
  const [first, repeat, other] = received.map(({ mail }) => mail);
  expect(first?.messageId).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
  expect(repeat?.messageId).toBe(first?.messageId);
  expect(other?.messageId).not.toBe(first?.messageId);
  expect(new Set([first?.references, repeat?.references, other?.references]).size).toBe(1);
});

test('nothing is sent in the clear where TLS is asked for', async () => {
  await listen({ hideSTARTTLS: true, disabledCommands: ['STARTTLS', 'AUTH'] });
  expect(await telling.failure(post())).toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  expect(received).toEqual([]);
});

test('a server with a certificate of nobody known is not trusted', async () => {
  await listen();
  expect((await telling.failure(post({ caSecret: undefined }))).message).toMatch(/self.signed certificate/);
  expect(received).toEqual([]);
});

test('a line break in a subject makes no header', async () => {
  await listen();
  await telling.notify(post(), { subject: 'one\r\nBcc: thief@example.com' });
  expect(received[0]?.mail.bcc).toBeUndefined();
  expect(received[0]?.mail.subject).toContain('one');
});

test('a wrong password is for good; no word of it is told', async () => {
  await listen({ onAuth: (_, __, done) => done(new Error('535 wrong')) });
  const failure = await telling.failure(post());
  expect(failure).toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  expect(failure.message + telling.logged.join()).not.toContain(PASSWORD);
});

test.each([
  [450, 'NotReached', false],
  [550, 'WiringInvalid', true],
])('a recipient refused with %i is %s', async (responseCode, type, nonRetryable) => {
  await listen({ onRcptTo: (_, __, done) => done(Object.assign(new Error('mailbox'), { responseCode })) });
  expect(await telling.failure(post())).toMatchObject({ type, nonRetryable });
});

test('one of two recipients refused is said', async () => {
  await listen({
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('cto') ? Object.assign(new Error('gone'), { responseCode: 550 }) : null),
  });
  expect((await telling.notify(post())).detail).toBe('taken for engineering@example.com; refused: cto@example.com');
});
