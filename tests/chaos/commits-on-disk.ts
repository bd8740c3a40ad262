import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { POSTGRESQL, type Region, type TwoRegions } from '../support/database/two-regions.ts';

/** A file of the log, after its timeline. */
const SEGMENT = /^([0-9A-F]{8})[0-9A-F]{16}$/;
const COMMIT = /\btx: +(\d+), +(lsn: [^,]*), .* desc: (COMMIT [^;\n]*)/g;

/**
 * The transactions whose commit is in the files of a region's log at this moment, on its newest timeline, each with what
 * the log says of it: position and time.
 */
export async function commitsOnDisk(regions: TwoRegions, region: Region): Promise<Map<string, string>> {
  const log = join(regions.data(region), 'pg_wal');
  const segments = (await readdir(log)).filter((name) => SEGMENT.test(name)).sort();
  const timeline = segments.at(-1)?.slice(0, 8) ?? '';
  const first = segments.find((name) => name.startsWith(timeline)) ?? '';
  // It ends with an error where the log ends, as it must.
  const dump = join(POSTGRESQL, 'pg_waldump');
  const { stdout } = await execa(dump, ['--path', log, '--rmgr', 'Transaction', first], { reject: false });
  const found = stdout.matchAll(COMMIT);
  const commits = new Map(
    [...found].map(([, transaction = '', at = '', what = '']) => [transaction, `${at}, ${what}`]),
  );
  if (commits.size === 0) throw new Error(`the log of ${region} has no commit from ${first} on`);
  return commits;
}
