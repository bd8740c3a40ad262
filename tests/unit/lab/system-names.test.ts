import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Where a system may be named: its shape, and the rows that play it. */
const NAMED_IN = ['lab/shapes', 'lab/gameday/rows'];

test('no file of the lab or the bench names a system but shapes and rows', () => {
  const except = NAMED_IN.map((folder) => `:!${folder}`);
  const args = ['grep', '-il', '--untracked', 'teei', '--', 'lab', 'bench', ...except];
  const found = () => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  // git grep ends with 1 when it finds nothing.
  expect(found).toThrow(expect.objectContaining({ status: 1, stdout: '' }));
});
