import type { AuthorityScenario, DecisionAction } from '../schema.ts';

/** What is to be done now, and why. */
export interface Verdict {
  action: DecisionAction;
  /** The plan's rule that says so, or one of the matrix's own: see `decide`. */
  rule: string;
  /** For people: what was seen and what follows from it. */
  reason: string;
  /** ISO time at which a wait is over; null for a wait without an end and for everything else. */
  until: string | null;
  /** The component it is about; null when it is about the system. */
  component: string | null;
  /** May the action start without approval? */
  withoutApproval: boolean;
  /** What people are asked to do by hand; absent when they are asked something else, or nothing. */
  byHand?: ChangingAction;
}

/** The matrix's own rules: what stands before and after those of a plan. */
export const OWN_RULES = [
  'two-primaries',
  'no-primary',
  'lease-elsewhere',
  'serves-elsewhere',
  'flapping',
  'facts-unknown',
  'no-rule',
  'anti-flapping',
] as const;

type Rest = Partial<Pick<Verdict, 'until' | 'component' | 'withoutApproval' | 'byHand'>>;

export const verdict = (action: DecisionAction, rule: string, reason: string, rest: Rest = {}): Verdict => ({
  action,
  rule,
  reason,
  until: null,
  component: null,
  withoutApproval: false,
  ...rest,
});

/** Actions that change the system. The others only look, wait and ask. */
const CHANGING = [
  'component-failover',
  'region-failover',
  'database-failover',
  'restore',
  'switchover',
] as const satisfies readonly (DecisionAction & AuthorityScenario)[];
export type ChangingAction = (typeof CHANGING)[number];

export const changes = (action: DecisionAction): action is ChangingAction =>
  (CHANGING as readonly DecisionAction[]).includes(action);

/** Actions that only let time pass. */
export const isPatient = (action: DecisionAction): boolean => ['none', 'wait', 'self-heal'].includes(action);
