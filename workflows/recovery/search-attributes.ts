import { defineSearchAttributeKey, type SearchAttributePair, TypedSearchAttributes } from '@temporalio/common';

/** What recoveries and incidents are found by in the Temporal UI; workers register them when they start. */
export const LifeboatSystem = defineSearchAttributeKey('LifeboatSystem', 'KEYWORD');
export const LifeboatScenario = defineSearchAttributeKey('LifeboatScenario', 'KEYWORD');
/** The phase that started last. */
export const LifeboatPhase = defineSearchAttributeKey('LifeboatPhase', 'KEYWORD');
export const LifeboatMode = defineSearchAttributeKey('LifeboatMode', 'KEYWORD');
export const LifeboatOutcome = defineSearchAttributeKey('LifeboatOutcome', 'KEYWORD');

export const SEARCH_ATTRIBUTES = [LifeboatSystem, LifeboatScenario, LifeboatPhase, LifeboatMode, LifeboatOutcome];

/** The attributes a workflow is started with. */
export function searchAttributes(of: { system: string; mode: string; scenario?: string }): TypedSearchAttributes {
  const pairs: SearchAttributePair[] = [
    { key: LifeboatSystem, value: of.system },
    { key: LifeboatMode, value: of.mode },
  ];
  if (of.scenario) pairs.push({ key: LifeboatScenario, value: of.scenario });
  return new TypedSearchAttributes(pairs);
}
