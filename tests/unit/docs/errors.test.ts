import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS } from '../../../plan/errors.ts';

const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md'), 'utf8');

test('docs/errors.md explains every type, in the words of the registry, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, type, meaning]) => [type, meaning]);
  const registry = Object.entries(ERRORS).sort(([one], [other]) => one.localeCompare(other));
  expect(rows).toEqual(registry);
});
