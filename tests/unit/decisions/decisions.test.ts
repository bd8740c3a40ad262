import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePlan } from '../../../plan/load.ts';
import type { DecisionRules } from '../../../plan/recovery-plan.ts';
import { library } from '../../../starter/library.ts';
import { type Case, lastVerdict } from '../../support/decisions/case.ts';
import { readSourcePlan, SOURCE_PLANS } from '../../support/decisions/source-plan.ts';

/** Every key that is written must be so; `says` are parts of the reason. */
interface Expected {
  action: string;
  rule: string;
  until?: string | null;
  component?: string | null;
  says?: string[];
}

type Golden = Case & { expected: Expected };

/** A table for each topic or system: the cases by name. */
const TABLES = join(import.meta.dirname, '../../fixtures/decisions');
const read = (file: string): Record<string, Golden> => parse(readFileSync(join(TABLES, file), 'utf8'));
const CASES = readdirSync(TABLES).flatMap((file) => Object.entries(read(file)));

/** The rules of a plan of this checkout, or those of another system's recovery plan. */
function rulesOf({ plan, maintenance = [] }: Case): DecisionRules {
  const source = SOURCE_PLANS.find((name) => name === plan);
  if (source !== undefined) return { ...readSourcePlan(source).decisions, maintenance };
  const file = join(import.meta.dirname, '../../../runbooks', plan, 'plan.yaml');
  const loaded = parsePlan(readFileSync(file, 'utf8'), file, library());
  if (loaded.problems !== undefined) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.value.decisions, maintenance };
}

test('there are at least sixty cases, of every plan, each under a name of its own', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(CASES.map(([name]) => name)).size).toBe(CASES.length);
  const plans = new Set(CASES.map(([, { plan }]) => plan));
  expect([...plans].sort()).toEqual(['castmatch', 'gametriq', 'golf-parlay', 'teei-csr', 'tournament-optimization']);
});

test.each(CASES)('%s', (_, { expected, ...given }) => {
  const { says = [], ...decision } = expected;
  const verdict = lastVerdict(given, rulesOf(given));
  expect(verdict).toMatchObject(decision);
  for (const part of says) expect(verdict.reason).toContain(part);
});
