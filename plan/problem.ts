/** Where in a document: keys of maps and indexes of lists. */
export type Path = readonly (string | number)[];

/** Something wrong with a plan or an environment, in words that say what was expected and what to do. */
export interface Problem {
  /** An error refuses the plan; a warning is for its author to judge. */
  severity: 'error' | 'warning';
  file: string;
  /** Line and column count from 1. */
  line: number;
  column: number;
  /** `components.database.kind`, `scenarios.region-failover.phases[2].needs[0]`; empty is the whole document. */
  path: string;
  message: string;
  /** What to do about it; null when the message says it already. */
  hint: string | null;
}

/** A path as text. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The problems that refuse a plan. */
export const errorsOf = (problems: readonly Problem[]): Problem[] =>
  problems.filter(({ severity }) => severity === 'error');

/** `plan.yaml:12:5 components.database.kind: message (hint)`; of a warning, `plan.yaml:12:5 warning: …`. */
export function problemText({ severity, file, line, column, path, message, hint }: Problem): string {
  const where = `${severity === 'warning' ? ' warning:' : ''}${path === '' ? '' : ` ${path}`}`;
  return `${file}:${line}:${column}${where}: ${message}${hint === null ? '' : ` (${hint})`}`;
}

/** In the order in which a reader meets them. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.path.localeCompare(b.path),
  );
}
