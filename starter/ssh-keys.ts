import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { StarterError } from './errors.ts';

/** A key that can sign: `ssh-keygen -Y sign -f` takes either, and asks the agent when there is no private half. */
export interface SigningKey {
  /** The key in authorized_keys form: `ssh-ed25519 AAAA…`. */
  publicKey: string;
  /** Path of the private key, or of the public key of one that an agent holds; null: only the agent has it. */
  file: string | null;
}

/** Who may decide: what is needed of a plan to find out whose key it is. */
export type Approvers = Pick<RecoveryPlan, 'approvers'>;

/** Reads the key of a file; a private key's public half lies beside it as `.pub`, or is derived. */
export async function keyFromFile(file: string): Promise<SigningKey> {
  const publicFile = file.endsWith('.pub') ? file : `${file}.pub`;
  if (existsSync(publicFile)) return { publicKey: (await readFile(publicFile, 'utf8')).trim(), file };
  if (!existsSync(file)) throw new StarterError('usage', `there is no key ${file}`);
  const derived = await execa('ssh-keygen', ['-y', '-f', file], { reject: false, stdin: 'inherit' });
  if (derived.exitCode === 0) return { publicKey: derived.stdout.trim(), file };
  throw new StarterError('usage', `${file} is not a key that can sign: ${derived.stderr.trim()}`);
}

/** The first key at hand that belongs to an approver of the plan: those of the agent, then those in `~/.ssh`. */
export async function findKey(plan: Approvers): Promise<SigningKey> {
  for (const key of [...(await agentKeys()), ...(await homeKeys())]) {
    if (identityOf(plan, key.publicKey)) return key;
  }
  throw new StarterError(
    'usage',
    `no key of an approver is in the ssh-agent or in ~/.ssh; name one with --key or LIFEBOAT_KEY. Approvers: ${approversText(plan)}`,
  );
}

/** The approver whose key this is; null when it is nobody's. */
export function identityOf(plan: Approvers, publicKey: string): string | null {
  const wanted = withoutComment(publicKey);
  const owner = plan.approvers.find(({ keys }) => keys.some((key) => withoutComment(key) === wanted));
  return owner?.identity ?? null;
}

/** As `ssh-keygen -l` shows it: `SHA256:…`. */
export function fingerprintOf(publicKey: string): string {
  const [, blob = ''] = publicKey.trim().split(/\s+/);
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** Each approver with the roles that it gives. */
export const approversText = ({ approvers }: Approvers): string =>
  approvers.map(({ identity, roles }) => `${identity} (${roles.join(', ')})`).join(', ');

const withoutComment = (key: string) => key.trim().split(/\s+/).slice(0, 2).join(' ');

async function agentKeys(): Promise<SigningKey[]> {
  const listed = await execa('ssh-add', ['-L'], { reject: false, timeout: 5_000 });
  if (listed.exitCode !== 0) return [];
  return listed.stdout.split('\n').map((publicKey) => ({ publicKey, file: null }));
}

async function homeKeys(): Promise<SigningKey[]> {
  const folder = join(homedir(), '.ssh');
  const names = await readdir(folder).catch((): string[] => []);
  const privateKeys = names.filter((name) => name.endsWith('.pub') && names.includes(name.slice(0, -'.pub'.length)));
  return Promise.all(privateKeys.map((name) => keyFromFile(join(folder, name.slice(0, -'.pub'.length)))));
}
