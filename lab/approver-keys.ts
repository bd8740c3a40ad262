import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The lab's approvers by role; each has an SSH key without passphrase in `.lab/<name>/keys/<role>`. */
const APPROVERS = ['sre-on-call', 'vp-engineering'];

/** Makes the keys and answers the variables that `environments/lab.yaml` and the command line want. */
export async function makeApproverKeys(labFolder: string, sshKeygen: string): Promise<Record<string, string>> {
  const folder = join(labFolder, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await Promise.all(
    APPROVERS.map((role) =>
      execa(sshKeygen, ['-q', '-t', 'ed25519', '-N', '', '-C', `${role}@lab.test`, '-f', join(folder, role)]),
    ),
  );
  return {
    LAB_APPROVER_KEY: await publicKey(folder, 'sre-on-call'),
    LAB_VP_KEY: await publicKey(folder, 'vp-engineering'),
    // What the command line signs with.
    LIFEBOAT_KEY: join(folder, 'sre-on-call'),
  };
}

/** Type and key, without the comment. */
async function publicKey(folder: string, role: string): Promise<string> {
  const [type, key] = (await readFile(join(folder, `${role}.pub`), 'utf8')).split(' ');
  return `${type} ${key}`;
}
