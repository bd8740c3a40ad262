import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { readSecret } from '../secrets.ts';
import type { Configuration } from './configuration.ts';
import type { Store } from './store.ts';

/**
 * A base backup of whichever database takes writes, with the log that it needs. It is kept once `pg_verifybackup` finds
 * every file as the manifest has it.
 */
export async function takeBackup(config: Configuration, store: Store, signal: AbortSignal): Promise<string> {
  const copy = join(config.folder, 'copy');
  const archive = `${copy}.tar.gz`;
  const { hosts, port } = config.databases;
  const source = `host=${hosts} port=${port} user=${config.replicator.user} connect_timeout=2 target_session_attrs=read-write`;
  const password = await readSecret(config.secrets, config.replicator.secret);
  await rm(copy, { recursive: true, force: true });
  try {
    await execa(config.programs.copy, ['--dbname', source, '--pgdata', copy, '--checkpoint', 'fast'], {
      env: { PGPASSWORD: password },
      cancelSignal: signal,
    });
    await execa(config.programs.verify, ['--quiet', copy], { cancelSignal: signal });
    await execa('tar', ['--create', '--gzip', '--file', archive, '--directory', copy, '.'], { cancelSignal: signal });
    return await store.put(new Date(), await readFile(archive));
  } finally {
    await Promise.all([copy, archive].map((path) => rm(path, { recursive: true, force: true })));
  }
}
