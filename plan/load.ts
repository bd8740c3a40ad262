import type { ZodType, z } from 'zod';
import { findSecrets } from './checks/secrets.ts';
import { explainIssue } from './explain-issue.ts';
import { interpolate, type Variables } from './interpolate.ts';
import { expandScenarios, type Library } from './library.ts';
import { inReadingOrder, type Path, type Problem } from './problem.ts';
import { Environment, ExtendedScenario, Plan } from './schema.ts';
import { keysAt, textExpectedAt } from './schema-keys.ts';
import { plainData, readSource, type Source, type Syntax } from './source.ts';

export interface Draft<T> {
  value: T;
  source: Source;
}

/**
 * What a text came to: a value and where its parts stand, or every problem at once. A draft fits the schema and has
 * other problems; it is good for finding more of them, and for nothing else.
 */
export type Loaded<T> = (Draft<T> & { problems?: never }) | { problems: Problem[]; draft?: Draft<T> };

/** Checks data, which stands at `base` of the document, against a schema. */
export function conform<S extends ZodType>(
  schema: S,
  data: unknown,
  source: Source,
  base: Path = [],
): { value: z.infer<S>; problems?: never } | { problems: Problem[] } {
  const result = schema.safeParse(data);
  if (result.success) return { value: result.data };
  const known = (path: Path) => keysAt(schema, path);
  const textExpected = (path: Path) => textExpectedAt(schema, path);
  const checked = { source, data, base, known, textExpected };
  return { problems: result.error.issues.flatMap((issue) => explainIssue(issue, checked)) };
}

function load<S extends ZodType>(
  schema: S,
  { source, syntax }: { source: Source; syntax: Syntax },
  prepare: (source: Source) => Problem[],
  expand: (data: unknown, source: Source) => { data: unknown; problems: Problem[] } = asItIs,
): Loaded<z.infer<S>> {
  const found = [...syntax.problems, ...prepare(source), ...findSecrets(source)];
  const data = plainData(source);
  if ('problems' in data) return { problems: inReadingOrder(found.length > 0 ? found : data.problems) };
  if (!syntax.readable) return { problems: inReadingOrder(found) };
  const expanded = expand(data.value, source);
  found.push(...expanded.problems);
  const conformed = conform(schema, expanded.data, source);
  if (conformed.problems !== undefined) return { problems: inReadingOrder([...found, ...conformed.problems]) };
  const draft = { value: conformed.value, source };
  return found.length > 0 ? { problems: inReadingOrder(found), draft } : draft;
}

/**
 * A plan from the text of a `plan.yaml`. Never throws; `file` is only named in problems.
 *
 * @param library the scenarios that it may extend
 */
export function parsePlan(text: string, file: string, library: Library = {}): Loaded<Plan> {
  return load(
    Plan,
    readSource(text, file),
    () => [],
    (data, source) => expandWith(library, data, source),
  );
}

const asItIs = (data: unknown) => ({ data, problems: [] });

function expandWith(library: Library, written: unknown, source: Source): { data: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const { data, findings } = expandScenarios(written, library, (scenario, path) => {
    const fitted = conform(ExtendedScenario, scenario, source, path);
    if (fitted.problems === undefined) return fitted.value;
    problems.push(...fitted.problems);
    return null;
  });
  return {
    data,
    problems: [...problems, ...findings.map((found) => source.problem(found.path, found.message, found.hint))],
  };
}

/**
 * An environment from the text of an `environments/*.yaml`, with `${NAME}` and `${NAME:-default}` put in from the
 * variables. The wiring of components is checked against the plan's providers later, by `checkEnvironment`.
 */
export function parseEnvironment(text: string, file: string, variables: Variables): Loaded<Environment> {
  return load(Environment, readSource(text, file), (source) => interpolate(source, variables));
}
