import { existsSync } from 'node:fs';
import { BUILDERS } from './build.ts';
import { findOnPath } from './locate.ts';
import { PACKAGES } from './packages.ts';
import type { DebianPackage, Tool } from './tool.ts';

export type PackageName = keyof typeof PACKAGES;

/** The Debian package of each program that builds tools. Debian's Go is too old to build them. */
const BUILDER_PACKAGES: Record<string, string[]> = { python3: ['python3', 'python3-venv'], mvn: ['maven'] };

/** What is not there, in the words of those who must get it. */
export interface Missing {
  /** Debian packages. */
  packages: string[];
  /** What Debian cannot give. */
  others: string[];
}

export function missingPackages(names: readonly PackageName[]): string[] {
  return names.filter((name) => {
    const { programs }: DebianPackage = PACKAGES[name];
    return !Object.values(programs).every((path) => existsSync(path));
  });
}

/** What building these tools needs and the machine does not have. */
export function missingBuilders(tools: readonly Tool[]): Missing {
  const builders = new Set(tools.map((tool) => BUILDERS[tool.build.kind]));
  const missing = [...builders].filter((builder) => !findOnPath(builder));
  return {
    packages: missing.flatMap((builder) => BUILDER_PACKAGES[builder] ?? []),
    others: missing.includes('go') ? ['Go 1.24 or newer (https://go.dev/dl)'] : [],
  };
}

/** Thrown with one line that says what to install. */
export class MissingPrerequisite extends Error {
  override name = 'MissingPrerequisite';

  constructor({ packages, others }: Missing) {
    const install = packages.length > 0 ? [`\`apt-get install ${packages.join(' ')}\` as root`] : [];
    super(`this machine lacks what the lab needs; install: ${[...install, ...others].join(', and ')}`);
  }
}
