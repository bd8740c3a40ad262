import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** The topic that the lab's gateway listens to; its account is moto's. */
export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:lifeboat';

/** The files of a key that signs as SNS does, and of its certificate. */
export interface Signing {
  key: string;
  certificate: string;
}

export const signingIn = (folder: string): Signing => ({
  key: join(folder, 'sns-key.pem'),
  certificate: join(folder, 'sns-certificate.pem'),
});

/** Makes the key and its certificate in the folder, unless they are there. */
export async function makeSigning(folder: string, openssl = 'openssl'): Promise<Signing> {
  const { key, certificate } = signingIn(folder);
  if (existsSync(certificate)) return { key, certificate };
  const subject = ['-subj', '/CN=sns.amazonaws.com', '-days', '2'];
  await execa(openssl, [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject],
    ...['-keyout', key, '-out', certificate],
  ]);
  return { key, certificate };
}
