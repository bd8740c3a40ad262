import { type ZodType, z } from 'zod';
import type { Path } from './problem.ts';

/** The schema below defaults and optionality. */
function bare(schema: ZodType | undefined): ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return bare(schema.unwrap() as ZodType);
  return schema;
}

/** The maps that a schema takes: one, or one for each kind of thing. */
function maps(schema: ZodType | undefined): z.ZodObject[] {
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.filter((each) => each instanceof z.ZodObject);
  return schema instanceof z.ZodObject ? [schema] : [];
}

function below(schema: ZodType | undefined, part: string | number): ZodType | undefined {
  const here = bare(schema);
  if (here instanceof z.ZodDiscriminatedUnion) {
    return maps(here).find(({ shape }) => Object.hasOwn(shape, part))?.shape[part] as ZodType | undefined;
  }
  if (here instanceof z.ZodObject) return Object.hasOwn(here.shape, part) ? (here.shape[part] as ZodType) : undefined;
  if (here instanceof z.ZodArray) return here.element as ZodType;
  if (here instanceof z.ZodRecord) return here.valueType as ZodType;
  return undefined;
}

const schemaAt = (schema: ZodType, path: Path) => bare(path.reduce<ZodType | undefined>(below, schema));

/** The keys that a schema knows at a path; none where it takes any or does not hold a map. */
export function keysAt(schema: ZodType, path: Path): string[] {
  const here = schemaAt(schema, path);
  if (here instanceof z.ZodRecord && here.keyType instanceof z.ZodEnum) return here.keyType.options.map(String);
  return [...new Set(maps(here).flatMap(({ shape }) => Object.keys(shape)))];
}

/** What a schema expects of text at a path, in its own words; null when it takes any text, or none. */
export function textExpectedAt(schema: ZodType, path: Path): string | null {
  const here = schemaAt(schema, path);
  if (!(here instanceof z.ZodString)) return null;
  // No format accepts a line break alone.
  const issue = here.safeParse('\n').error?.issues[0];
  return issue?.code === 'invalid_format' && issue.format === 'regex' ? issue.message : null;
}
