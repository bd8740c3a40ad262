import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Answers } from '../../plan/actions/acting.ts';
import type { SignedDecision } from '../../plan/decision.ts';
import type { Facts } from '../../plan/facts.ts';
import type { PlanRef, RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { ApprovalRecord, Outcome, PhaseReport } from '../../plan/report.ts';
import type { ScenarioName } from '../../plan/schema.ts';

/** Starts a recovery: the argument of every scenario workflow. The plan is only named; workers read it from their own. */
export interface RecoveryStart {
  plan: PlanRef;
  scenario: ScenarioName;
  from: string;
  to: string;
  /** ISO time of the first alert, or of the manual start. */
  detectedAt: string;
  /** Who or what started it: an alert's name, or a person's identity. */
  trigger: string;
  /**
   * `not-required` asks to start without approval, by the plan's decision rule of that name. It is granted only when
   * plan and environment allow that rule to and the facts leave nothing open; otherwise the gate opens all the same.
   * @default required
   */
  approval?: 'required' | 'not-required';
  rule?: string;
  /** Who ordered it whatever is seen, and why: what speaks against it is then for the gate to weigh. */
  ordered?: string;
  /** The incident has brought in those whom half of the objective brings in. */
  escalated?: boolean;
  /** How many alerts their senders left out at least. */
  alertsLeftOut?: number;
  /** ISO time since when whoever starts it has found `from` unreachable in every look. */
  unreachableSince?: string;
}

/** A start with the plan that it names, as the workers hold it. */
export interface RecoveryInput extends Omit<RecoveryStart, 'plan'> {
  plan: RecoveryPlan;
}

export interface PhaseStatus extends Omit<PhaseReport, 'outcome'> {
  state: 'waiting' | 'running' | 'paused' | PhaseReport['outcome'];
  /** ISO time; there while what the phase's budget is for is done and it only watches. */
  watchingSince?: string;
  /** It proves or protects: nobody may have it left out. */
  notSkippable?: true;
}

export interface GateStatus {
  /** `approve` for a failover, `failback` for a rollback past the point of no return, `split-brain` for a fence without proof. */
  name: string;
  action: string;
  /** One sentence: what is asked and why. */
  question: string;
  facts: Facts | null;
  factsDigest: string | null;
  openedAt: string;
  expiresAt: string;
  requiredRoles: string[];
  /** Roles already given, by whom. */
  given: { role: string; identity: string }[];
  answers: Answers;
  /** The data loss by approving, where it is not that of a promotion, which the facts estimate. */
  dataLoss?: string;
}

/** What a step that runs now said last. */
export interface RunningStep {
  /** The verb: `scaleWorkloads`. */
  step: string;
  words: string;
}

/** Everything a person or a program needs to know of a running recovery. */
export interface RecoveryStatus {
  system: string;
  environment: string;
  scenario: ScenarioName;
  mode: 'live' | 'drill';
  from: string;
  to: string;
  workflowId: string;
  runId: string;
  planHash: string;
  detectedAt: string;
  startedAt: string;
  /** `running`, `waiting` at a gate, `paused` by a phase that keeps failing, `rolling-back`, or how it ended. */
  state: 'running' | 'waiting' | 'paused' | 'rolling-back' | Outcome;
  /** One sentence for somebody woken at 3 a.m. */
  summary: string;
  /** Why it goes back; null while it goes forward. */
  goingBack: string | null;
  objectiveSeconds: number;
  /** Spent waiting at gates that are closed by now. */
  humanSeconds: number;
  /** Since when a gate has been open without a break, ISO; null while none is. */
  waitingSince: string | null;
  phases: PhaseStatus[];
  /** Read from Temporal by who asks: the workflow does not know it. */
  steps?: RunningStep[];
  gates: GateStatus[];
  approvals: ApprovalRecord[];
  timeline: { at: string; text: string }[];
}

/** The answer to a decision. */
export interface DecisionVerdict {
  accepted: boolean;
  detail: string;
  /** It counts, and did not take effect: the question is asked again, for the reason that the detail ends with. */
  askedAgain?: true;
}

export const statusQuery = defineQuery<RecoveryStatus>('status');

/** The approvers of the plan that the run goes by: its signers look up there whose key they have. */
export const approversQuery = defineQuery<RecoveryPlan['approvers']>('approvers');

/** The type of the failure by which an Update is rejected that could not count, whoever had signed it. */
export const REFUSED = 'DecisionRefused';

/** The Update that CLI callers use: it answers whether the decision was accepted, and why not. */
export const decideUpdate = defineUpdate<DecisionVerdict, [SignedDecision]>('decide');

/** The same as signals, which the Temporal UI and CLI can send; the verdict is in the status and the report. */
export const decisionSignals = {
  approve: defineSignal<[SignedDecision]>('approve'),
  reject: defineSignal<[SignedDecision]>('reject'),
  abort: defineSignal<[SignedDecision]>('abort'),
  retry: defineSignal<[SignedDecision]>('retry'),
  skip: defineSignal<[SignedDecision]>('skip'),
  rollback: defineSignal<[SignedDecision]>('rollback'),
};

/** How long a worker that dies while it decides can hold a recovery up; Temporal's own default is twice as long. */
export const DECIDES_WITHIN = '5s';

/** The workflow type of each scenario. */
export const SCENARIO_WORKFLOWS = {
  'region-failover': 'regionFailover',
  switchover: 'switchover',
  failback: 'failback',
} as const satisfies Record<ScenarioName, string>;

/** Workflows, and activities that may run anywhere outside the regions. */
export const TASK_QUEUE = 'lifeboat';

/** Activities that must run in a region: each system has workers of its own there, which need no other system's secrets. */
export const regionTaskQueue = ({ regionWorkers }: Pick<RecoveryPlan, 'regionWorkers'>, region: string) =>
  `${TASK_QUEUE}-${regionWorkers}-${region}`;
