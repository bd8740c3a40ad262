import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refusal } from './fault.ts';

/** Answers secrets by the names that plans use. */
export interface Secrets {
  get(name: string): Promise<string>;
}

/**
 * Secrets as files below a folder, the way Kubernetes and most secret agents mount them: `teei-csr/postgres` is the
 * file of that name. A trailing newline is not part of the secret. Read each time, so that rotation needs no restart.
 */
export function secretsFromFolder(folder: string): Secrets {
  return {
    async get(name) {
      if (name.split('/').includes('..')) throw refusal('SecretMissing', `"${name}" is not a secret's name`);
      try {
        return (await readFile(join(folder, name), 'utf8')).replace(/\n$/, '');
      } catch (cause) {
        const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
        throw refusal('SecretMissing', `secret "${name}" cannot be read from the worker's secrets folder (${why})`);
      }
    },
  };
}
