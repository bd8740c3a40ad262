import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { ensureTools } from '../../../lab/setup/index.ts';

const TOOLS = join(import.meta.dirname, 'tools');

/** The phases that a runbook says remain, in its order. */
export const remaining = (text: string) => [...text.matchAll(/^### \d+\. `([\w-]+)`/gm)].map(([, name]) => name ?? '');

/** What a runbook says of one phase, as text. */
export const sectionOf = (text: string, phase: string) =>
  text.split(/^##+ /m).find((part) => part.startsWith(`${remaining(text).indexOf(phase) + 1}. \`${phase}\``)) ?? '';

/** A person at a shell who types what a runbook says, word by word. */
export class Hand {
  readonly #folder: string;
  readonly #env: Record<string, string>;

  private constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** AWS's CLI, kubectl and dig are not in the lab and are stood in for; all else is the vendors' own. */
  static async ready(secrets: string, env: Record<string, string>): Promise<Hand> {
    const { moto_server: moto = '' } = await ensureTools(['moto', 'jq', 'curl', 'redis-server', 'postgresql-15']);
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-hand-'));
    const program = async (name: string, command: string) => {
      await writeFile(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`);
      await chmod(join(folder, name), 0o700);
    };
    await program('aws', `${join(dirname(moto), 'python')} ${join(TOOLS, 'aws.py')}`);
    for (const name of ['kubectl', 'dig']) await program(name, `${process.execPath} ${join(TOOLS, `${name}.ts`)}`);
    return new Hand(folder, { ...env, SECRETS: secrets, PATH: `${folder}:${process.env['PATH']}` });
  }

  /** Types all commands of a section in one shell, as people do, whatever they answer; gives back what was printed. */
  async types(section: string): Promise<string> {
    const script = [...section.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, run]) => run).join('\n');
    if (script === '') throw new Error(`nothing to type in: ${section}`);
    const options = { cwd: this.#folder, env: this.#env, all: true, reject: false, timeout: 180_000 } as const;
    return (await execa('bash', ['-c', script], options)).all;
  }

  async ends(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
