import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { ChannelOf } from '../../plan/channels.ts';
import type { Notice } from '../../plan/report.ts';
import { rethrow } from '../rethrow.ts';
import type { Secrets } from '../secrets.ts';
import type { Deliver } from './deliver.ts';

const CONNECT_MS = 5_000;
const SILENCE_MS = 10_000;

interface SmtpError {
  /** The server's own code: 4xx may pass, 5xx does not. */
  responseCode?: number;
  /** nodemailer's code: `EAUTH` for a password that is not taken. */
  code?: string;
}

/**
 * Sends a notice by SMTP. A repeat has the same Message-ID, by which mailboxes know what they have already; messages
 * of one workflow form one conversation.
 */
export function email(secrets: Secrets): Deliver<'email'> {
  return async (channel, notice, key) => {
    const transport = createTransport(await connection(secrets, channel));
    try {
      const { accepted, rejected } = await transport.sendMail(message(channel, notice, key));
      const refused = rejected.length === 0 ? '' : `; refused: ${rejected.join(', ')}`;
      return `taken for ${accepted.join(', ')}${refused}`;
    } catch (cause) {
      const { responseCode = 0, code } = cause as SmtpError;
      rethrow('not sent', cause, responseCode >= 500 || code === 'EAUTH');
    } finally {
      transport.close();
    }
  };
}

async function connection(secrets: Secrets, channel: ChannelOf<'email'>) {
  const { host, port, tls, caSecret, user, passwordSecret } = channel;
  const ca = caSecret === undefined ? {} : { ca: await secrets.get(caSecret) };
  const pass = passwordSecret === undefined ? '' : await secrets.get(passwordSecret);
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && { auth: { user, pass } }),
    tls: { minVersion: 'TLSv1.2' as const, ...ca },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function message({ from, to }: ChannelOf<'email'>, { subject, text, kind, workflowId }: Notice, key: string) {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const id = (of: string) => `<${createHash('sha256').update(of).digest('hex').slice(0, 32)}@${domain}>`;
  return {
    from,
    to,
    subject,
    text,
    messageId: id(key),
    references: id(workflowId),
    // Out-of-office answers are of no use here: RFC 3834.
    headers: { 'auto-submitted': 'auto-generated', 'x-lifeboat-workflow': workflowId, 'x-lifeboat-kind': kind },
  };
}
