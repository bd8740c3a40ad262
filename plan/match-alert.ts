import type { Plan } from './schema.ts';

/** Is the alert of a kind that opens an incident: are all labels of one of the plan's alert rules on it? */
export function matchesAlert(rules: Plan['alerts'], labels: Record<string, string>): boolean {
  return rules.some((rule) => Object.entries(rule.labels).every(([name, value]) => labels[name] === value));
}
