import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KEYS_SECRET } from '../codec/data-converter.ts';
import type { Shape } from './shapes/shape.ts';
import { TOPIC } from './sns/certificate.ts';

/** Secrets of the gateway, whatever the system. */
const OF_THE_GATEWAY = ['token', 'pagerduty', 'grafana'].map((name) => `gateway/${name}`);

/** Fills the folder of secrets, each readable by its owner only. */
export async function makeSecrets(folder: string, { secrets }: Pick<Shape, 'secrets'>): Promise<void> {
  for (const name of [...secrets, ...OF_THE_GATEWAY]) {
    await writeSecret(folder, name, randomBytes(24).toString('base64url'));
  }
  await writeSecret(folder, 'gateway/standard', `whsec_${randomBytes(24).toString('base64')}`);
  // No secret, but the name of the topic that is listened to.
  await writeSecret(folder, 'gateway/cloudwatch', TOPIC);
}

/** With such a secret, every process encrypts what Temporal stores. */
export async function makeCodecKey(folder: string): Promise<void> {
  await writeSecret(folder, KEYS_SECRET, `lab ${randomBytes(32).toString('base64')}`);
}

export async function writeSecret(folder: string, name: string, value: string): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${value}\n`, { mode: 0o600 });
}

export async function readSecret(folder: string, name: string): Promise<string> {
  return (await readFile(join(folder, name), 'utf8')).replace(/\n$/, '');
}
