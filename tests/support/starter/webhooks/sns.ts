import { sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSigning, type Signing, TOPIC } from '../../../../lab/sns/certificate.ts';
import type { FetchText } from '../../../../starter/webhooks/fetch-text.ts';
import type { Sent } from './senders.ts';

export { TOPIC };
export const CERTIFICATE_URL = `https://sns.us-east-1.amazonaws.com/SimpleNotificationService-${'0a'.repeat(16)}.pem`;

export type Message = Record<string, string>;

const KEYS = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  Confirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

/** Signs as SNS does, with a certificate of its own that it also serves. */
export interface Notary {
  certificate: string;
  /** Addresses that were fetched, in order. */
  fetched: string[];
  fetchText: FetchText;
  /** The message as SNS posts it, signed. */
  sent(message: Message): Sent;
}

/** By a key of its own, or by one that is there already, such as the lab's. */
export async function notary(of?: Signing): Promise<Notary> {
  const { key, certificate } = of === undefined ? await ownSigning() : read(of);
  const fetched: string[] = [];
  return {
    certificate,
    fetched,
    async fetchText(url) {
      fetched.push(url);
      return certificate;
    },
    sent(message) {
      const signed = { ...message, Signature: signature(message, key) };
      const headers = {
        'content-type': 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': message['Type'] ?? '',
        'x-amz-sns-topic-arn': message['TopicArn'] ?? '',
      };
      return { url: '/webhooks/cloudwatch', headers, payload: JSON.stringify(signed) };
    },
  };
}

const read = ({ key, certificate }: Signing): Signing => ({
  key: readFileSync(key, 'utf8'),
  certificate: readFileSync(certificate, 'utf8'),
});

async function ownSigning(): Promise<Signing> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-sns-'));
  const made = read(await makeSigning(folder));
  rmSync(folder, { recursive: true });
  return made;
}

function signature(message: Message, key: string): string {
  const names = message['Type'] === 'Notification' ? KEYS.Notification : KEYS.Confirmation;
  const text = names.flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`])).join('');
  const hash = message['SignatureVersion'] === '1' ? 'sha1' : 'sha256';
  return sign(hash, Buffer.from(text), key).toString('base64');
}

const common = (): Message => ({
  MessageId: 'message-1',
  TopicArn: TOPIC,
  Timestamp: new Date().toISOString(),
  SignatureVersion: '2',
  SigningCertURL: CERTIFICATE_URL,
});

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json */
export function notification(more: Message, text: string): Message {
  return {
    Type: 'Notification',
    ...common(),
    Subject: 'ALARM: "RegionUnreachable" in US East (N. Virginia)',
    Message: text,
    UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${TOPIC}:1`,
    ...more,
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-subscription-confirmation-json */
export function confirmation(
  type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  more: Message = {},
): Message {
  return {
    Type: type,
    ...common(),
    Token: 'token-1',
    Message: `You have chosen to subscribe to the topic ${TOPIC}.`,
    SubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=token-1`,
    ...more,
  };
}
