import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Plan } from '../../../plan/schema.ts';

/**
 * What the recovery plans of other systems say of decisions, of who decides and of who is told, in the language of
 * plans. The rest of such a plan is its own scenarios and components.
 */
const { title, decisions, authority, communication } = Plan.shape;
const SourcePlan = z.strictObject({ title, decisions, authority, communication });
export type SourcePlan = z.infer<typeof SourcePlan>;

export const SOURCE_PLANS = ['castmatch', 'gametriq', 'golf-parlay', 'tournament-optimization'] as const;
export type SourcePlanName = (typeof SOURCE_PLANS)[number];

/** Throws where the file says what the language of plans does not know. */
export function readSourcePlan(name: SourcePlanName): SourcePlan {
  return SourcePlan.parse(
    parse(readFileSync(join(import.meta.dirname, '../../fixtures/source-plans', `${name}.yaml`), 'utf8')),
  );
}
