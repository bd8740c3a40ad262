import type { Path, Problem } from './problem.ts';

/** A problem before it is known where in which file it stands. */
export interface Finding {
  severity: Problem['severity'];
  path: Path;
  message: string;
  hint: string | null;
}

export type Findings = Generator<Finding, void, void>;

export const finding = (path: Path, message: string, hint: string | null = null): Finding => ({
  severity: 'error',
  path,
  message,
  hint,
});

/** What the author of a plan should know of, and may want. */
export const warning = (path: Path, message: string, hint: string | null = null): Finding => ({
  severity: 'warning',
  path,
  message,
  hint,
});

/** A record's own entry; names such as `constructor` are names like any other. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Entries whose key stood in the list before, with their index. */
export function repeated<T>(list: readonly T[], key: (item: T) => string): { index: number; key: string }[] {
  const keys = list.map(key);
  return keys.flatMap((each, index) => (keys.indexOf(each) < index ? [{ index, key: each }] : []));
}
