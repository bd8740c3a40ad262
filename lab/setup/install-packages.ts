import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { findOnPath } from './locate.ts';

/** Debian asks this script before it starts a package's own daemon; 101 is no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Whether packages can be installed here without asking anybody. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && findOnPath('apt-get') !== undefined;
}

/** Installs Debian packages without their recommendations, and without starting their daemons. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const policed = existsSync(POLICY);
  if (!policed) await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', ...packages);
  } finally {
    if (!policed) await rm(POLICY, { force: true });
  }
}

/** Waits for another apt-get that is at work. */
async function aptGet(...args: string[]): Promise<void> {
  await execa('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '--quiet', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}
