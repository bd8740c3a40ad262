import type { Standing } from '../plan/break-glass/standing.ts';
import type { Channel } from '../plan/channels.ts';
import type { SignedDecision } from '../plan/decision.ts';
import type { Direction } from '../plan/direction.ts';
import type { Facts, VantageFacts } from '../plan/facts.ts';
import type { PlanRef, RecoveryPlan, WiredComponent } from '../plan/recovery-plan.ts';
import type { Check, IncidentRecord, Notice, Report } from '../plan/report.ts';
import type { RollbackCriteria } from '../plan/schema.ts';

/**
 * The verbs that scenarios speak: what is asked of activities and what they answer. Types only, so that workflows can
 * import them. Every verb is safe to repeat: it looks first, acts only if needed, and looks again.
 */

/** Which recovery asks, for keys of external effects and for fencing. */
export interface RecoveryRef {
  workflowId: string;
  runId: string;
  /** Milliseconds since 1970 when the recovery started: later recoveries have larger epochs. */
  epoch: number;
}

/** One step: do the verb to this component, from the region that fails to the region that takes over. */
export interface Step {
  recovery: RecoveryRef;
  component: WiredComponent;
  from: string;
  to: string;
}

/** What a step did, for the timeline and the report. */
export interface StepResult {
  /** False when it was found done already. */
  changed: boolean;
  /** One readable sentence, no secret in it. */
  detail: string;
}

/** What a component was before it was changed, in the provider's own shape. Recorded first, given back to `restore…`. */
export interface Snapshot {
  detail: string;
  state: unknown;
}

export interface RestoreStep extends Step {
  snapshot: Snapshot;
}

/** Steps that need another component's wiring as well: the cache's database, the workloads' database. */
export interface StepWithDatabase extends Step {
  database: WiredComponent;
}

/** Where a database's log ended, once it has stopped in order. */
export interface EndOfLog {
  /** The last record, that of the shutdown: PostgreSQL's `0/3000148` form. */
  walPosition: string;
  timeline: number;
}

export interface HandOverResult extends StepResult {
  final: EndOfLog;
}

export interface NoLagStep extends Step {
  final: EndOfLog;
}

export interface StreamPromotionStep extends Step {
  /** Planned moves: promote only once the mirror has every message of its source, which takes no more by then. */
  upToDate?: boolean;
}

export interface FenceResult extends StepResult {
  proved: boolean;
  /** How it is known, or why it is not: one sentence. */
  evidence: string;
  /** Why nothing can be promoted yet, whatever risk people accept, as one sentence; null when something can be. */
  obstacle: string | null;
  /** What the lease last said of the old primary; null when there is no lease. */
  lastKnown: { renewedAt: string; walPosition: string | null; timeline: number | null } | null;
}

export interface PromotionStep extends Step {
  /** What the fence learned of the old primary. */
  lastKnown: FenceResult['lastKnown'];
  /** ISO time after which the old primary is known to have been down or fenced; null when that was not proved. */
  downSince: string | null;
}

export interface PromotionResult extends StepResult {
  timelineBefore: number;
  timelineAfter: number;
  promotedAt: string;
  dataLoss: MeasuredLoss;
}

/** Data loss of the database. Null means unknown, never zero. */
export interface MeasuredLoss {
  /** An upper bound. */
  seconds: number | null;
  /** WAL known to have been written on the old primary and not received here: a lower bound. */
  bytes: number | null;
  /** One sentence on how both were measured. */
  method: string;
}

export interface ObserveRequest {
  recovery: RecoveryRef;
  plan: RecoveryPlan;
  /** `third-place` or a region: where the probes run. */
  vantage: string;
}

export interface VerifyRequest {
  recovery: RecoveryRef;
  plan: RecoveryPlan;
  from: string;
  to: string;
  /** ISO time from which client errors count. */
  since: string;
}

export interface VerifyResult {
  healthy: boolean;
  /** Names of critical services that fail their check. */
  criticalFailing: string[];
  /** Percent of client requests that fail, 0 to 100; null when it cannot be told. */
  customerErrorsPercent: number | null;
  checks: Check[];
}

/** How far a watch has come: the next one, or its next attempt, goes on from there. */
export interface Watched {
  /** Milliseconds during which it was really watched, by clocks that only move forward. */
  watchedMs: number;
  /** ISO time of the first of the unbroken run of green rounds; null when the last round was not green. */
  healthySince: string | null;
  /** ISO time of the last round. */
  lookedAt: string;
}

export interface WatchRequest extends VerifyRequest {
  /**
   * `healthy`: return at the first all-green round. `end`: keep watching for the whole time, but return when the system
   * does not stay as `watched` says of it, so that nobody believes for long what has ceased to be true.
   */
  until: 'healthy' | 'end';
  /** What was watched before counts. */
  durationMs: number;
  /** Absent: nothing yet. */
  watched?: Watched;
  rollback: RollbackCriteria;
}

export interface WatchResult extends Watched {
  /** All green in the last round. */
  healthy: boolean;
  /** Has its time passed? False when it returned before. */
  over: boolean;
  /** The rollback criterion that was met, in words; null when none was. */
  breach: string | null;
  /** The last round. */
  checks: Check[];
}

/** The lab's, or a drill's, own count of acknowledged writes against the database. */
export interface LedgerResult {
  /** Acknowledged and not in the database; null when the environment has no ledger. */
  lostAcknowledgedWrites: number | null;
}

export interface SignatureVerdict {
  /** The approver whose key made the signature; null when none did. */
  identity: string | null;
  roles: string[];
  /** SHA-256 of the key, as ssh-keygen prints it. */
  keyFingerprint: string | null;
  /** Why it is refused; null when it is good. */
  refusal: string | null;
}

/** Asks about a recovery of a system. */
export interface LastRecoveryRequest {
  recoveryId: string;
  /** Asks about this run; about the newest where it is left out. */
  runId?: string;
  /** The incident by which acknowledgements are looked up; none are where it is left out. */
  incidentId?: string;
}

/** What became of a system's recoveries before its incident was opened. */
export interface LastRecovery {
  runId: string;
  startedAt: string;
  /** The name of its workflow. */
  type: string;
  /** Null while it runs. */
  ended: {
    at: string;
    outcome: string;
    reason: string;
    /** Where the system serves since; null when that is not known. */
    serves: Direction | null;
    /** Somebody has seen to it, in an incident before this one. */
    acknowledged: boolean;
  } | null;
}

/** Asks about the run that a start claims to come from. */
export interface OriginRequest {
  workflowId: string;
  runId: string;
  /** The workflow types, one of which it must have, and its task queue. */
  types: string[];
  taskQueue: string;
  /** The run that it must have continued as; null when it is a parent. */
  continuedAs: string | null;
}

/** Asks for a plan by its content. */
export interface ReadPlanRequest {
  plan: PlanRef;
  /** A version that is no longer in force is read as well: a matter goes on with the plan that it began with. */
  continued: boolean;
}

/** All activities, by the names that the Temporal UI shows. */
export interface Activities {
  /** Reads a plan from the worker's own, and verifies its hash. */
  readPlan(request: ReadPlanRequest): Promise<RecoveryPlan>;
  observe(request: ObserveRequest): Promise<VantageFacts>;

  fenceDatabase(step: Step): Promise<FenceResult>;
  promoteDatabase(step: PromotionStep): Promise<PromotionResult>;
  /**
   * Makes `from` the primary again: a hand-over that was asked for is withdrawn; a promotion is undone, with the writes
   * made since where `from` follows `to` by now, and without them where it does not.
   */
  returnDatabase(step: Step): Promise<StepResult>;
  /** Planned: the primary in `from` stops in order, all its log sent, and writes no more. */
  handOverDatabase(step: Step): Promise<HandOverResult>;
  /** Waits until the standby in `to` has replayed the log of `from` to its very end. */
  awaitNoLag(step: NoLagStep): Promise<StepResult>;
  /** Makes the database in `to` a standby of the primary in `from`, and waits until it has caught up. */
  rebuildStandby(step: Step): Promise<StepResult>;

  captureAnalytics(step: Step): Promise<Snapshot>;
  promoteAnalytics(step: Step): Promise<StepResult>;
  restoreAnalytics(step: RestoreStep): Promise<StepResult>;
  /** Lets the replica in `to` fetch from the others again, and waits until it lacks nothing. */
  rejoinAnalytics(step: Step): Promise<StepResult>;

  captureStream(step: Step): Promise<Snapshot>;
  promoteStream(step: StreamPromotionStep): Promise<StepResult>;
  restoreStream(step: RestoreStep): Promise<StepResult>;
  /** Mirrors the stream that takes the subjects in `from` into `to`, where it is not, and waits until it has caught up. */
  mirrorStream(step: Step): Promise<StepResult>;

  /** Replica counts and database location of the workloads in `to`. */
  captureWorkloads(step: Step): Promise<Snapshot>;
  scaleWorkloads(step: Step): Promise<StepResult>;
  /** Before clients are led to `to`: its workloads still have the pods that they were scaled to, or get them again. */
  confirmWorkloads(step: Step): Promise<StepResult>;
  repointWorkloads(step: StepWithDatabase): Promise<StepResult>;
  restoreWorkloads(step: RestoreStep): Promise<StepResult>;
  /** Points the workloads in `from` at the database in `to`, and scales them to the strength of a standby. */
  standDownWorkloads(step: StepWithDatabase): Promise<StepResult>;

  captureTargets(step: Step): Promise<Snapshot>;
  registerTargets(step: Step): Promise<StepResult>;
  restoreTargets(step: RestoreStep): Promise<StepResult>;

  captureDns(step: Step): Promise<Snapshot>;
  cutOverDns(step: Step): Promise<StepResult>;
  restoreDns(step: RestoreStep): Promise<StepResult>;

  rebuildCache(step: StepWithDatabase): Promise<StepResult>;
  invalidateCdn(step: Step): Promise<StepResult>;

  /** Whether a run is one of Lifeboat's own workers' making, and not one that bears its name. */
  isOwnRun(request: OriginRequest): Promise<boolean>;

  /** The newest recovery of a system, or one run of it, running or not; null when there is none. */
  lastRecovery(request: LastRecoveryRequest): Promise<LastRecovery | null>;

  watchRecovery(request: WatchRequest): Promise<WatchResult>;
  compareLedger(request: VerifyRequest): Promise<LedgerResult>;

  /** Who signed each of the decisions, in their order. */
  verifySignatures(request: {
    decisions: SignedDecision[];
    plan: Pick<RecoveryPlan, 'approvers'>;
  }): Promise<SignatureVerdict[]>;
  /** Delivers a notice to one channel; the detail says what the channel answered. */
  notify(request: { channel: Channel; notice: Notice }): Promise<{ detail: string }>;
  storeReport(request: { plan: RecoveryPlan; report: Report }): Promise<{ location: string }>;
  /** Keeps a part of an incident's record beside the reports of the system's recoveries. */
  storeIncident(request: { plan: RecoveryPlan; record: IncidentRecord }): Promise<{ location: string }>;
  /** Keeps what remains to be done, as a runbook for people, where it can be read without Lifeboat and Temporal. */
  storeBreakGlass(standing: Standing): Promise<{ location: string }>;
}

export type { Facts };
