import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentJsonSchema, planJsonSchema, schemaText } from '../../../plan/json-schema.ts';
import { fixtureText } from '../../support/plan/fixtures.ts';

const SCHEMAS = { plan: planJsonSchema, environment: environmentJsonSchema };
const stored = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../plan/schema', `${name}.json`), 'utf8');

test.each(Object.entries(SCHEMAS))('the stored schema of %s is what the language of plans says', (name, schema) => {
  expect(stored(name)).toBe(schemaText(schema()));
});

/** An editor sees files before variables are put in, so the schema must take references. */
const accepts = (schema: ReturnType<typeof planJsonSchema>, text: string) =>
  z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(parse(text)).success;

test('editors accept what the loader accepts', () => {
  expect(accepts(planJsonSchema(), fixtureText('plan.yaml'))).toBe(true);
  expect(accepts(environmentJsonSchema(), fixtureText('test.yaml'))).toBe(true);
});

test.each([
  ['title: The shop', 'titel: The shop'],
  ['expires: 30m', 'expires: soon'],
  ['action: assess', 'action: asess'],
  ['executiveAbort: true', 'executiveAbort: "yes"'],
])('editors refuse a plan with "%s" made "%s"', (find, put) => {
  expect(accepts(planJsonSchema(), fixtureText('plan.yaml').replace(find, put))).toBe(false);
});

test.each([
  ['mode: drill', 'mode: test'],
  ['replicas: 6', 'replicas: many'],
  ['zone: shop.test', 'zones: shop.test'],
  ['ttl: 4s', 'ttl: 4 seconds'],
])('editors refuse an environment with "%s" made "%s"', (find, put) => {
  expect(accepts(environmentJsonSchema(), fixtureText('test.yaml').replace(find, put))).toBe(false);
});
