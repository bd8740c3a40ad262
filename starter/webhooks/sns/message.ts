import { type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';

const Common = z.object({
  MessageId: z.string().min(1).max(256),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.iso.datetime(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string(),
});

const Confirmation = Common.extend({ SubscribeURL: z.string(), Token: z.string() });

/**
 * What SNS posts to an HTTP endpoint.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export const SnsMessage = z.discriminatedUnion('Type', [
  Common.extend({ Type: z.literal('Notification'), Subject: z.string().optional() }),
  Confirmation.extend({ Type: z.literal('SubscriptionConfirmation') }),
  Confirmation.extend({ Type: z.literal('UnsubscribeConfirmation') }),
]);
export type SnsMessage = z.infer<typeof SnsMessage>;

const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/**
 * The text that SNS signs.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
export function textToSign(message: SnsMessage): string {
  const fields: Record<string, string | undefined> = message;
  return (message.Type === 'Notification' ? NOTIFICATION : CONFIRMATION)
    .flatMap((name) => (fields[name] === undefined ? [] : [`${name}\n${fields[name]}\n`]))
    .join('');
}

/** Whether the key signed the message. Version 2 alone, which is SHA-256: version 1 is SHA-1. */
export function isSigned(message: SnsMessage, key: KeyObject): boolean {
  if (message.SignatureVersion !== '2' || key.asymmetricKeyType !== 'rsa') return false;
  return verify('sha256', Buffer.from(textToSign(message)), key, Buffer.from(message.Signature, 'base64'));
}
