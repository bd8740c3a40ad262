#!/usr/bin/env node
// Plain JavaScript, since a Node that cannot strip types could not even say so: it hands over to the checkout's own.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const main = fileURLToPath(new URL('main.ts', import.meta.url));

if (process.features.typescript) {
  await import('./main.ts');
} else if (existsSync(node)) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
} else {
  process.stderr.write(
    `lifeboat: needs Node 22.19 or newer, and this is ${process.version}; run "npm ci" in the clone\n`,
  );
  process.exitCode = 1;
}
