import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs before the scripts of package.json, so that they work in a fresh clone: installs what the lock file names when
 * it is not there yet. Plain JavaScript, since any Node that npm came with must run it.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const versions = (file) => {
  const { packages } = JSON.parse(readFileSync(join(root, file), 'utf8'));
  return Object.entries(packages).filter(([path, { optional }]) => path !== '' && !optional);
};

function installed() {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return false;
  const present = new Map(versions('node_modules/.package-lock.json'));
  return versions('package-lock.json').every(([path, { version }]) => present.get(path)?.version === version);
}

if (!installed()) {
  console.error('Installing the packages that package-lock.json names …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
}
