import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePlan } from '../../plan/load.ts';
import type { DecisionRules } from '../../plan/recovery-plan.ts';
import { type Case, lastVerdict } from './case.ts';
import { readSourcePlan, SOURCE_PLANS } from './source-plan.ts';

/** `expected.yaml`: every key that is written must be so; `says` are parts of the reason. */
interface Expected {
  action: string;
  rule: string;
  until?: string | null;
  component?: string | null;
  says?: string[];
}

const FOLDER = import.meta.dirname;
const read = (...path: string[]) => parse(readFileSync(join(FOLDER, ...path), 'utf8'));
const CASES = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'facts.yaml')));

/** The rules of a plan of this checkout, or those of another system's recovery plan. */
function rulesOf({ plan, maintenance = [] }: Case): DecisionRules {
  const source = SOURCE_PLANS.find((name) => name === plan);
  if (source !== undefined) return { ...readSourcePlan(source).decisions, maintenance };
  const file = join(FOLDER, '../../runbooks', plan, 'plan.yaml');
  const loaded = parsePlan(readFileSync(file, 'utf8'), file);
  if (loaded.problems !== undefined) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.value.decisions, maintenance };
}

test('there are at least sixty cases, of every plan', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
  const plans = new Set(CASES.map((name) => (read(name, 'facts.yaml') as Case).plan));
  expect([...plans].sort()).toEqual(['castmatch', 'gametriq', 'golf-parlay', 'teei-csr', 'tournament-optimization']);
});

test.each(CASES)('%s', (name) => {
  const given = read(name, 'facts.yaml') as Case;
  const { says = [], ...expected } = read(name, 'expected.yaml') as Expected;
  const verdict = lastVerdict(given, rulesOf(given));
  expect(verdict).toMatchObject(expected);
  for (const part of says) expect(verdict.reason).toContain(part);
});
