import type { z } from 'zod';
import { isSecretPath } from './checks/secrets.ts';
import type { Path, Problem } from './problem.ts';
import type { Source } from './source.ts';
import { suggestion } from './suggest.ts';

type Issue = z.core.$ZodIssue;

const WORDS: Record<string, string> = {
  object: 'a map of keys to values',
  record: 'a map of keys to values',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** What stands there, short enough for a sentence. Long text may be anything, so it is not repeated. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${typeof value === 'string' ? 'text' : typeof value} of ${text.length} characters`;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string | number, unknown> | null)?.[part], data);
}

const listed = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ');

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [word, limit] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
  const unit = issue.origin === 'array' ? (limit === 1 ? ' entry' : ' entries') : '';
  if (issue.origin === 'string') return `expected at ${word} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return `expected at ${word} ${limit}${unit}`;
}

const FORMATS: Record<string, string> = {
  url: 'expected a URL such as "https://host.example.com:8080"',
  email: 'expected an e-mail address such as "lifeboat@example.com"',
  date: 'expected a date such as "2026-12-25"',
  starts_with: 'expected text that starts with "/"',
};

/** What was expected, without what stands there. */
function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `expected ${listed(issue.values)}` : `expected one of ${listed(issue.values)}`;
    case 'too_small':
    case 'too_big':
      return bound(issue);
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.message;
    case 'invalid_union':
      return `expected one of ${listed(allowedBy(issue))}`;
    default:
      return issue.message;
  }
}

export interface Checked {
  source: Source;
  /** What was checked against the schema. */
  data: unknown;
  /** Where in the document it stands. */
  base: Path;
  /** The keys that the schema knows at a path below, for suggestions. */
  known: (path: Path) => readonly string[];
  /** What the schema expects of text at a path below, in its own words. */
  textExpected: (path: Path) => string | null;
}

/** Unknown keys of one map that are named one by one. */
const SHOWN_KEYS = 100;

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, path: Path, source: Source, known: readonly string[]) {
  const unused = known.filter((key) => !source.has([...path, key]));
  const shown = issue.keys
    .slice(0, SHOWN_KEYS)
    .map((key) =>
      source.keyProblem([...path, key], `unknown key "${key}"`, suggestion(key, unused.length > 0 ? unused : known)),
    );
  const more = issue.keys.length - shown.length;
  return more > 0 ? [...shown, source.problem(path, `${more} more unknown keys`)] : shown;
}

function wrongValue(issue: Issue, path: Path, local: Path, { source, data, textExpected }: Checked): Problem {
  const value = valueAt(data, local);
  const words = (issue.code === 'invalid_type' && textExpected(local)) || expected(issue);
  if (!source.has(path)) return source.problem(path, `missing: ${words}`, 'add it');
  if (issue.code === 'too_small' && issue.origin === 'array') return source.problem(path, expected(issue), 'add one');
  const hint = typeof value === 'string' ? meant(value, allowedBy(issue)) : null;
  const found = isSecretPath(path) ? 'something else' : shown(value);
  return source.problem(path, `${words}, found ${found}`, hint);
}

/** The values that would have been right, where they can be counted. */
function allowedBy(issue: Issue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options as unknown[]) : [];
}

function meant(value: string, values: readonly unknown[]): string | null {
  const hint = suggestion(value, values.map(String));
  return hint.startsWith('did you mean') ? hint : null;
}

/** One issue of the schema, as problems with lines. */
export function explainIssue(issue: Issue, checked: Checked): Problem[] {
  const { source, base, known } = checked;
  const local = issue.path.filter((part) => typeof part !== 'symbol');
  const path = [...base, ...local];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, path, source, known(local));
  if (issue.code === 'invalid_key') {
    const why = issue.issues.map(({ message }) => message).join('; ');
    return [source.keyProblem(path, `${why}, found "${String(path.at(-1))}"`)];
  }
  return [wrongValue(issue, path, local, checked)];
}
