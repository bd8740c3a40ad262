import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { planProblems } from '../../../plan/check.ts';
import { parsePlan } from '../../../plan/load.ts';
import { problemText } from '../../../plan/problem.ts';
import { library } from '../../../starter/library.ts';
import { readSourcePlan, SOURCE_PLANS } from '../../support/decisions/source-plan.ts';

const TEEI = join(import.meta.dirname, '../../../runbooks/teei-csr/plan.yaml');

test.each(SOURCE_PLANS)(
  '%s is sound: in the place of what TEEI says of the same, it makes a plan without a problem',
  (name) => {
    const { scenarios, ...teei } = parse(readFileSync(TEEI, 'utf8'));
    const whole = { ...teei, scenarios: { 'region-failover': scenarios['region-failover'] }, ...readSourcePlan(name) };
    expect(planProblems(parsePlan(stringify(whole), `${name}.yaml`, library())).map(problemText)).toEqual([]);
  },
);
