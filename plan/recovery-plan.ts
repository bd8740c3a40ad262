import type { Communication } from './communication.ts';
import type {
  Authority,
  Component,
  ComponentKind,
  Decisions,
  Environment,
  Plan,
  Scenario,
  ScenarioName,
} from './schema.ts';
import type { Wiring } from './wiring/index.ts';

/** A component of a plan, wired to one environment. */
export interface WiredComponent extends Component {
  name: string;
  wiring: Wiring;
}

/** The plan's decision matrix, and what the environment knows of the time ahead. */
export interface DecisionRules extends Decisions {
  maintenance: Environment['maintenance'];
}

/**
 * A plan and one of its environments, checked together: all that a recovery needs to know and nothing secret.
 * Workers hold it. A start only names it, by a `PlanRef`.
 */
export interface RecoveryPlan {
  system: string;
  title: string;
  environment: string;
  mode: Environment['mode'];
  regions: Plan['regions'];
  /** Names the task queues of the workers in its regions. */
  regionWorkers: string;
  /** Seconds. */
  objectives: { recoveryTimeSeconds: number; dataLossSeconds: number };
  tiers: Plan['objectives']['tiers'];
  components: Record<string, WiredComponent>;
  services: Plan['services'];
  service: Environment['service'];
  scenarios: Partial<Record<ScenarioName, Scenario>>;
  authority: Authority;
  approvers: Environment['approvers'];
  notifications: Environment['notifications'];
  communication: Communication;
  evidence: Environment['evidence'] & Plan['evidence'];
  alerts: Plan['alerts'];
  /** `withoutApproval` of a rule is true only where plan and environment both say so. */
  decisions: DecisionRules;
  /** SHA-256, in hex, of all the above in canonical JSON (RFC 8785). */
  hash: string;
}

/** Names one version of a plan by its content. A start says no more of a plan than this. */
export type PlanRef = Pick<RecoveryPlan, 'system' | 'environment' | 'hash'>;

export const planRef = ({ system, environment, hash }: PlanRef): PlanRef => ({ system, environment, hash });

/** The components of a kind, in the order of the plan. */
export const componentsOf = ({ components }: Pick<RecoveryPlan, 'components'>, kind: ComponentKind): WiredComponent[] =>
  Object.values(components).filter((component) => component.kind === kind);
