import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { environmentProblems, planProblems } from '../../../plan/check.ts';
import { parseEnvironment, parsePlan } from '../../../plan/load.ts';
import { type Problem, problemText } from '../../../plan/problem.ts';
import { fixtureText, VARIABLES } from '../../support/plan/fixtures.ts';

/**
 * A file per mistake: what is edited in a good plan or environment, and every problem that must be told, word by word.
 */
interface Case {
  file: 'plan.yaml' | 'test.yaml';
  edits: { find: string; put: string }[];
  problems: string[];
}

const FOLDER = join(import.meta.dirname, '../../fixtures/bad-plans');

function edited({ file, edits }: Case): string {
  return edits.reduce((text, { find, put }) => {
    if (!text.includes(find)) throw new Error(`nothing to edit: ${find}`);
    return text.replace(find, () => put);
  }, fixtureText(file));
}

function problemsOf(texts: { plan: string; environment: string }): Problem[] {
  const plan = parsePlan(texts.plan, 'plan.yaml');
  const environment = parseEnvironment(texts.environment, 'test.yaml', VARIABLES);
  return [...planProblems(plan), ...environmentProblems(plan, environment)];
}

test('the plan and the environment that the cases edit are good', () => {
  expect(problemsOf({ plan: fixtureText('plan.yaml'), environment: fixtureText('test.yaml') })).toEqual([]);
});

describe('every problem is told at once, with its line, what was expected and what to do', () => {
  test.each(readdirSync(FOLDER))('%s', (name) => {
    const bad = parse(readFileSync(join(FOLDER, name), 'utf8')) as Case;
    const texts = { plan: fixtureText('plan.yaml'), environment: fixtureText('test.yaml') };
    texts[bad.file === 'plan.yaml' ? 'plan' : 'environment'] = edited(bad);
    expect(problemsOf(texts).map(problemText)).toEqual(bad.problems);
  });
});
