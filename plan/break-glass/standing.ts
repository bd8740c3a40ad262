import type { RecoveryPlan } from '../recovery-plan.ts';
import type { PhaseReport } from '../report.ts';
import type { Approver, Phase, ScenarioName } from '../schema.ts';

/** What was there before a step changed it. */
export interface Recorded {
  /** The component's name; more than that where one component is recorded in two regions. */
  key: string;
  component: string;
  /** The direction of the step that recorded it: what was recorded is in `to`. */
  from: string;
  to: string;
  /** One readable sentence. */
  detail: string;
  /** In the provider's own shape. */
  state: unknown;
}

/** A gate that people have not decided on. */
export interface OpenGate {
  name: string;
  action: string;
  question: string;
  openedAt: string;
  expiresAt: string;
  requiredRoles: string[];
  given: { role: string; identity: string }[];
}

/**
 * Where a recovery stands, with all that its remaining steps need: what a break-glass runbook is rendered from. Plain
 * data and nothing secret, without what no step needs, since it is sent often.
 */
export interface Standing {
  /** ISO time at which the recovery stood so. */
  asOf: string;
  plan: Pick<
    RecoveryPlan,
    'system' | 'title' | 'environment' | 'mode' | 'hash' | 'components' | 'service' | 'services' | 'evidence'
  >;
  approvers: Pick<Approver, 'identity' | 'roles'>[];
  workflowId: string;
  runId: string;
  /** Milliseconds since 1970 when the recovery started. */
  epoch: number;
  scenario: ScenarioName;
  title: string;
  from: string;
  to: string;
  /** As the status says: `running`, `waiting`, `paused`, `rolling-back`, or how it ended. */
  state: string;
  summary: string;
  /** Has it ended? Then nothing remains. */
  ended: boolean;
  /** Why it goes back; null while it goes forward. */
  goingBack: string | null;
  pointOfNoReturnPassed: boolean;
  /** The scenario's phases, as the plan has them. */
  planned: Phase[];
  /** What has become of each, rollback's own phases included. */
  phases: (Pick<PhaseReport, 'name' | 'attempts' | 'startedAt' | 'finishedAt' | 'actualSeconds' | 'detail'> & {
    state: string;
  })[];
  gates: OpenGate[];
  /** Oldest first. */
  recorded: Recorded[];
}
