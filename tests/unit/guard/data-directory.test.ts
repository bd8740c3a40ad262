import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetLaterTimelines } from '../../../guard/data-directory.ts';

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'lifeboat-data-'));
  await mkdir(join(data, 'pg_wal', 'archive_status'), { recursive: true });
});
afterEach(() => rm(data, { recursive: true }));

test('log of later timelines is taken away, and nothing else', async () => {
  const kept = ['00000001000000000000000A', '000000020000000000000003', '00000002.history', 'archive_status'];
  const later = ['000000030000000000000003', '0000000A0000000000000003.partial', '00000003.history'];
  for (const name of [...kept, ...later]) {
    if (name !== 'archive_status') await writeFile(join(data, 'pg_wal', name), '');
  }
  await forgetLaterTimelines(data, 2);
  expect((await readdir(join(data, 'pg_wal'))).sort()).toEqual(kept.sort());
});
