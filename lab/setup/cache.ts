import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where tools are kept: outside the repository, shared by all checkouts of the user. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lifeboat');
}

/** `<cache>/<name>-<version>`, with the programs in `bin/`. */
export function toolFolder(name: string, version: string): string {
  return join(cacheFolder(), `${name}-${version}`);
}
