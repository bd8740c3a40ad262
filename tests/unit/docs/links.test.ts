import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const docs = (await readdir(join(ROOT, 'docs')))
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));

test.each(['README.md', 'lab/README.md', ...docs])('links and pictures of %s lead somewhere', async (page) => {
  const text = await readFile(join(ROOT, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
  const broken = targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)));
  expect(broken).toEqual([]);
});
