import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KEYS_SECRET } from '../codec/data-converter.ts';
import { TOPIC } from './sns/certificate.ts';

/** The secrets that a lab makes up for itself, by the names that plans and processes use. */
const MADE_UP = [
  'teei-csr/postgres',
  'teei-csr/postgres-application',
  'teei-csr/postgres-replicator',
  'teei-csr/cloudflare',
  'teei-csr/pagerduty',
  'teei-csr/slack',
  'teei-csr/statuspage',
  'gateway/token',
  'gateway/pagerduty',
  'gateway/grafana',
];

/** Fills the folder of secrets, each readable by its owner only. */
export async function makeSecrets(folder: string): Promise<void> {
  for (const name of MADE_UP) await writeSecret(folder, name, randomBytes(24).toString('base64url'));
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
