import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Shape } from './shapes/shape.ts';

/**
 * Makes an SSH key without passphrase for each approver in `.lab/<name>/keys/<role>`, and answers the variables that the
 * environment's file and the command line want. The command line signs with the first.
 */
export async function makeApproverKeys(
  labFolder: string,
  { keys }: Pick<Shape, 'keys'>,
  sshKeygen: string,
): Promise<Record<string, string>> {
  const folder = join(labFolder, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = keys.map(async ({ role, variable }) => {
    await execa(sshKeygen, ['-q', '-t', 'ed25519', '-N', '', '-C', `${role}@lab.test`, '-f', join(folder, role)]);
    return [variable, await publicKey(folder, role)];
  });
  const signer = keys[0] && { LIFEBOAT_KEY: join(folder, keys[0].role) };
  return { ...Object.fromEntries(await Promise.all(made)), ...signer };
}

/** Type and key, without the comment. */
async function publicKey(folder: string, role: string): Promise<string> {
  const [type, key] = (await readFile(join(folder, `${role}.pub`), 'utf8')).split(' ');
  return `${type} ${key}`;
}
