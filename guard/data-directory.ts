import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { connectionString, type Source } from './source.ts';

/** Beside a data directory while it is being rebuilt: until it is gone, what lies there must not be started. */
const markerOf = (directory: string) => `${directory}.rebuilding`;

export const isHalfRebuilt = (directory: string) => existsSync(markerOf(directory));

export async function markHalfRebuilt(directory: string, why: string): Promise<void> {
  await writeFile(markerOf(directory), `${why}\n`);
}

export async function markRebuilt(directory: string): Promise<void> {
  await rm(markerOf(directory), { force: true });
}

/** Where the data is kept as it was before a recovery rebuilt it. Nothing of Lifeboat's ever deletes it. */
export const keptOf = (directory: string, epoch: number) => `${directory}.before-${epoch}`;

/** Keeps a copy of the data as it is, whole or not at all; one that is there already is the older and so the truer. */
export async function keepCopy(directory: string, kept: string): Promise<void> {
  if (existsSync(kept)) return;
  const half = `${kept}.half`;
  await rm(half, { recursive: true, force: true });
  await execa('cp', ['-a', '--reflink=auto', directory, half]);
  await rename(half, kept);
}

/** A file of the log: its timeline, and whether it is a segment or a history. */
const LOG_FILE = /^([0-9A-F]{8})([0-9A-F]{16}(\.partial)?|\.history)$/;

/**
 * Takes away log of later timelines than the data is on. pg_rewind leaves it when it goes back to an earlier timeline, and
 * whoever asks which timeline the server is on, or ought to be on next, would find it.
 */
export async function forgetLaterTimelines(directory: string, timeline: number): Promise<void> {
  const log = join(directory, 'pg_wal');
  for (const name of await readdir(log)) {
    const [, own] = LOG_FILE.exec(name) ?? [];
    if (own !== undefined && Number.parseInt(own, 16) > timeline) await rm(join(log, name));
  }
}

/** Puts fresh data in the place of the old, which is kept; old data that was half changed has been kept before. */
export async function replaceBy(fresh: string, directory: string, kept: string): Promise<void> {
  if (!existsSync(kept) && existsSync(directory)) await rename(directory, kept);
  await rm(directory, { recursive: true, force: true });
  await rename(fresh, directory);
}

/** An empty directory that belongs to whom `like` belongs to. */
export async function emptyDirectory(directory: string, like: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  await giveTo(directory, like);
}

/**
 * Makes the data that of a standby of `source`. The signal file comes last: from then on it takes no writes, and
 * before it the guard does not start it.
 */
export async function becomeStandby(directory: string, region: string, source: Source): Promise<void> {
  const passwords = `${directory}.pgpass`;
  await writeFile(passwords, `*:*:*:${source.user}:${source.password.replace(/([\\:])/g, '\\$1')}\n`, { mode: 0o600 });
  await giveTo(passwords, directory);
  const primary = connectionString(source, { application_name: region, passfile: passwords });
  const settings = join(directory, 'postgresql.auto.conf');
  const lines = [`primary_conninfo = ${quoted(primary)}`, `primary_slot_name = ${quoted(source.slot)}`];
  await appendFile(settings, `${lines.join('\n')}\n`);
  await giveTo(settings, directory);
  // Slots of a former primary would hold back its log for ever.
  const slots = join(directory, 'pg_replslot');
  for (const slot of await readdir(slots)) await rm(join(slots, slot), { recursive: true });
  const signal = join(directory, 'standby.signal');
  await writeFile(signal, '');
  await giveTo(signal, directory);
}

const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;

async function giveTo(path: string, like: string): Promise<void> {
  const { uid, gid } = await stat(like);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}
