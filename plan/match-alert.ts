import type { Plan } from './schema.ts';

/** Is the alert of a kind that opens an incident: are all labels of one of the plan's alert rules on it? */
export function matchesAlert(rules: Plan['alerts'], labels: Record<string, string>): boolean {
  return rules.some((rule) => Object.entries(rule.labels).every(([name, value]) => labels[name] === value));
}

/** Continues a count of alerts: how many there are besides, by their senders' own word. */
export const leftOutText = (leftOut: number): string =>
  leftOut === 0 ? '' : `, at least ${leftOut} left out by their sender`;
