import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Who PostgreSQL runs as in the lab, since it refuses to run as root. */
export const POSTGRES_USER = 'postgres';

const IS_ROOT = process.getuid?.() === 0;

/** Runs a PostgreSQL program as the user that PostgreSQL runs as. */
export async function asPostgres(program: string, args: string[], input = ''): Promise<string> {
  const { command, args: all } = commandAsPostgres(program, args);
  const { stdout } = await execa(command, all, { input, cwd: '/' });
  return stdout;
}

/** How a program is started as the user that PostgreSQL runs as. */
export function commandAsPostgres(program: string, args: string[]): { command: string; args: string[] } {
  if (!IS_ROOT) return { command: program, args };
  const identity = ['--reuid', POSTGRES_USER, '--regid', POSTGRES_USER, '--init-groups', '--', program];
  return { command: 'setpriv', args: [...identity, ...args] };
}

/**
 * Where PostgreSQL's data is kept: in `folder`, if the user that PostgreSQL runs as can get there, and otherwise in a
 * folder for temporary files, since a checkout in a private home is closed to that user.
 */
export function dataHome(folder: string): string {
  if (!IS_ROOT || isOpen(folder)) return folder;
  return join(tmpdir(), 'lifeboat-postgres', createHash('sha256').update(folder).digest('hex').slice(0, 16));
}

function isOpen(folder: string): boolean {
  const parent = dirname(folder);
  const mode = existsSync(folder) ? statSync(folder).mode : 0o001;
  return (mode & 0o001) !== 0 && (parent === folder || isOpen(parent));
}

/** Makes a folder or file PostgreSQL's own. */
export async function giveToPostgres(path: string): Promise<void> {
  if (!IS_ROOT) return;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => idOf(flag)));
  await chown(path, Number(uid), Number(gid));
}

async function idOf(flag: string): Promise<string> {
  const { stdout } = await execa('id', [flag, POSTGRES_USER]);
  return stdout;
}

/** A file that only PostgreSQL reads. */
export async function writeForPostgres(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await giveToPostgres(file);
}

/**
 * Fills `data` with a fresh cluster. The first one is kept as a template beside the lab's other tools, which saves the
 * time of initdb; it holds no passwords.
 */
export async function freshCluster(initdb: string, data: string): Promise<void> {
  const half = `${data}.new`;
  await rm(half, { recursive: true, force: true });
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lifeboat');
  const template = join(cache, 'postgres-15-cluster');
  if (existsSync(template)) {
    await execa('cp', ['-a', template, half]);
  } else {
    await mkdir(half, { recursive: true, mode: 0o700 });
    await giveToPostgres(half);
    await asPostgres(initdb, ['-D', half, '-U', 'postgres', ...INITDB]);
    await cacheTemplate(half, template);
  }
  await rename(half, data);
}

/** Nobody may log in before the lab has written who may. */
const INITDB = ['--auth=reject', '--data-checksums', '--encoding=UTF8', '--locale=C.UTF-8'];

async function cacheTemplate(from: string, template: string): Promise<void> {
  const half = `${template}.${process.pid}`;
  await mkdir(dirname(template), { recursive: true });
  await execa('cp', ['-a', from, half]);
  // Another lab may have been faster; its template is as good.
  await rename(half, template).catch(() => rm(half, { recursive: true, force: true }));
}
