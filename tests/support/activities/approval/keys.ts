import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { SIGNATURE_NAMESPACE } from '../../../../plan/decision.ts';

/** SSH keys made for a test, in a folder of their own. */
export class Keys {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(...names: string[]): Promise<Keys> {
    const keys = new Keys(await mkdtemp(join(tmpdir(), 'lifeboat-keys-')));
    for (const name of names) await keys.add(name);
    return keys;
  }

  async add(name: string, type = 'ed25519', bits = '256'): Promise<void> {
    const arguments_ = ['-q', '-t', type, '-b', bits, '-N', '', '-C', name, '-f', join(this.#folder, name)];
    await execa('ssh-keygen', arguments_);
  }

  async publicKey(name: string): Promise<string> {
    return (await readFile(join(this.#folder, `${name}.pub`), 'utf8')).trim();
  }

  /** `SHA256:…`, as ssh-keygen lists it. */
  async fingerprint(name: string): Promise<string> {
    const { stdout } = await execa('ssh-keygen', ['-lf', join(this.#folder, `${name}.pub`)]);
    return stdout.split(' ')[1] as string;
  }

  async sign(name: string, text: string, namespace = SIGNATURE_NAMESPACE): Promise<string> {
    const arguments_ = ['-Y', 'sign', '-n', namespace, '-f', join(this.#folder, name)];
    const { stdout } = await execa('ssh-keygen', arguments_, { input: text, stripFinalNewline: false });
    return stdout;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
