import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Library, readLibrary } from '../plan/library.ts';

/** Where the scenarios are that plans extend: part of the product, wherever plans are kept. */
const SCENARIOS = join(import.meta.dirname, '..', 'runbooks', 'scenarios');

let read: Library | undefined;

/** The library of scenarios, read once. */
export function library(): Library {
  read ??= readLibrary(
    Object.fromEntries(
      readdirSync(SCENARIOS).map((file) => [basename(file, '.yaml'), readFileSync(join(SCENARIOS, file), 'utf8')]),
    ),
  );
  return read;
}
