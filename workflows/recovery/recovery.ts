import { log, workflowInfo } from '@temporalio/workflow';
import type { MeasuredLoss, RecoveryRef, Snapshot, Step } from '../../activities/contract.ts';
import type { Compensation } from '../../plan/actions/acting.ts';
import { isSkippable } from '../../plan/actions/order.ts';
import { seconds } from '../../plan/duration.ts';
import type { Facts } from '../../plan/facts.ts';
import type { RecoveryPlan, WiredComponent } from '../../plan/recovery-plan.ts';
import type { ApprovalRecord, Check, NotificationRecord, Outcome } from '../../plan/report.ts';
import { objectivesOf } from '../../plan/scenario.ts';
import type { Phase, Scenario } from '../../plan/schema.ts';
import { type SignatureQueue, signatureQueue } from '../signature-queue.ts';
import type { Teller } from '../telling.ts';
import { Ended } from './ended.ts';
import type { Gate } from './gates.ts';
import type { PhaseStatus, RecoveryInput, RecoveryStatus } from './messages.ts';

/** What was there before a step changed it, and how to put it back. */
export interface Inverse {
  /** The component, and the kind of change where another kind was recorded of it before. */
  key: string;
  /** What was changed, as the phases of a rollback name it. */
  label: string;
  /** The verb that puts it back. */
  kind: Compensation['kind'];
  /** The step that recorded it: what was there is in its `to`. */
  step: Step;
  snapshot: Snapshot;
  /** What Temporal's UI shows of putting it back. */
  summary: string;
}

/** What became of a database's old primary. */
export type OldPrimary = 'fenced' | 'unproved' | 'standby';

/** Why the recovery leaves its forward path. */
export interface Stop {
  kind: 'rollback' | 'abort';
  reason: string;
}

export const iso = (ms: number) => new Date(ms).toISOString();

/** The state of one recovery. Everything here follows from the workflow's history alone. */
export class Recovery {
  readonly input: RecoveryInput;
  readonly scenario: Scenario;
  readonly ref: RecoveryRef;
  readonly startedAtMs = Date.now();

  /** How it ended; null before. */
  outcome: Outcome | null = null;
  /** What was last said of the whole. */
  private said = 'starting';
  readonly phases: PhaseStatus[];
  readonly gates: Gate[] = [];
  readonly approvals: ApprovalRecord[] = [];
  /** Refused attempts of unknown senders beyond those that are kept. */
  droppedAttempts = 0;
  readonly notifications: NotificationRecord[] = [];
  /** The last round of verification. */
  checks: Check[] = [];
  readonly timeline: { at: string; text: string }[] = [];
  readonly inverses: Inverse[] = [];
  /** What is being recorded, or is, by what is changed and the kind of change. */
  readonly recordings = new Map<string, Promise<Snapshot>>();
  /** Messages under way; the report waits for them. */
  readonly telling: Teller['telling'] = new Set();
  /** The phase that started last and is not yet shown as such. */
  phaseToShow: string | null = null;
  readonly usedNonces = new Set<string>();
  readonly signatures: SignatureQueue;
  /** What people said of a paused phase, by its name. */
  readonly orders = new Map<string, 'retry' | 'skip'>();

  facts: Facts | null = null;
  /** What the assessment found, in the words that the gate shows. */
  finding = 'nothing was assessed';
  dataLoss: MeasuredLoss | null = null;
  /** The loss that the approvers of a promotion were shown, as an upper bound in seconds; null is unknown. */
  estimatedLossSeconds: number | null = null;
  lostAcknowledgedWrites: number | null = null;
  recoveredAt: string | null = null;
  pointOfNoReturnPassed = false;
  /** What going back past the point of no return does to the writes made since. */
  returning: 'discards' | 'keeps' = 'discards';
  stop: Stop | null = null;
  /** It was cancelled in Temporal: nothing can be done forward any more. */
  cancelled = false;
  /** Why it goes back; null while it goes forward. */
  goingBack: string | null = null;
  /** By the database's name; none that no step has dealt with. */
  readonly oldPrimaries = new Map<string, OldPrimary>();
  /** Databases for which people accepted the risk of split brain: a later proof does not tell when writes ended. */
  readonly risked = new Set<string>();
  /** Time that people took at gates: what has passed, and since when a gate is open now. */
  private waitedMs = 0;
  private waitingSinceMs: number | null = null;
  /** Stops what the forward path is doing; set when it starts. */
  cancelForward: () => void = () => {};
  /** Called after each change of state. */
  changed: () => void = () => {};

  constructor(input: RecoveryInput) {
    const scenario = input.plan.scenarios[input.scenario];
    if (!scenario) throw new Ended('refused', `the plan of ${input.plan.system} has no scenario ${input.scenario}`);
    const { workflowId, runId } = workflowInfo();
    this.input = input;
    this.scenario = scenario;
    this.signatures = signatureQueue(input.plan);
    this.ref = { workflowId, runId, epoch: this.startedAtMs };
    this.phases = scenario.phases.map((phase) => ({
      ...waitingPhase(phase),
      ...(!isSkippable(phase, scenario.phases) && { notSkippable: true as const }),
    }));
  }

  /** A line in the timeline, which the status, the report and the Temporal UI show, and in the worker's log. */
  note(text: string): void {
    this.timeline.push({ at: iso(Date.now()), text });
    log.info(text);
    this.changed();
  }

  /** A line that sums the recovery up, as long as it waits for nobody. */
  say(text: string): void {
    this.said = text;
    this.note(text);
  }

  /** What waits for people goes first, whatever else is under way. */
  get state(): RecoveryStatus['state'] {
    if (this.outcome !== null) return this.outcome;
    if (this.gates.length > 0) return 'waiting';
    if (this.pausedPhase !== undefined) return 'paused';
    return this.goingBack === null ? 'running' : 'rolling-back';
  }

  get summary(): string {
    if (this.outcome !== null) return this.said;
    const [gate] = this.gates;
    if (gate !== undefined) return gate.summary;
    const paused = this.pausedPhase;
    return paused === undefined ? this.said : `${paused.name} is paused: ${paused.detail}`;
  }

  private get pausedPhase(): PhaseStatus | undefined {
    return this.phases.find(({ state }) => state === 'paused');
  }

  phase(name: string): PhaseStatus {
    const found = this.phases.find((phase) => phase.name === name);
    if (!found) throw new Error(`no phase ${name}`);
    return found;
  }

  component(name: string): WiredComponent {
    const found = this.input.plan.components[name];
    if (!found) throw new Ended('refused', `the plan of ${this.input.plan.system} has no component ${name}`);
    return found;
  }

  /** What this recovery is held to. */
  get objectives(): RecoveryPlan['objectives'] {
    return objectivesOf(this.input.plan, this.scenario);
  }

  step(component: WiredComponent): Step {
    return { recovery: this.ref, component, from: this.input.from, to: this.input.to };
  }

  /** What became of the region that was left, to end a sentence with: the worst of what its databases came to. */
  get left(): string {
    const all = [...this.oldPrimaries.values()];
    if (all.length === 0) return 'was not fenced';
    if (all.includes('unproved')) return 'is NOT proved to be fenced';
    return all.includes('fenced') ? 'is fenced' : 'is its standby';
  }

  openGate(gate: Gate): void {
    this.gates.push(gate);
    this.waitingSinceMs ??= Date.now();
  }

  closeGate(gate: Gate): void {
    this.gates.splice(this.gates.indexOf(gate), 1);
    if (this.gates.length > 0) return;
    this.waitedMs = this.humanMs();
    this.waitingSinceMs = null;
  }

  /** Milliseconds that people took at gates so far. */
  humanMs(): number {
    return this.waitedMs + (this.waitingSinceMs === null ? 0 : Date.now() - this.waitingSinceMs);
  }

  /** Milliseconds since the start, without the time that people took at gates. */
  machineMs(): number {
    return Date.now() - this.startedAtMs - this.humanMs();
  }

  status(): RecoveryStatus {
    const { plan, scenario, from, to, detectedAt } = this.input;
    return {
      system: plan.system,
      environment: plan.environment,
      scenario,
      mode: plan.mode,
      from,
      to,
      workflowId: this.ref.workflowId,
      runId: this.ref.runId,
      planHash: plan.hash,
      detectedAt,
      startedAt: iso(this.startedAtMs),
      state: this.state,
      summary: this.summary,
      goingBack: this.goingBack,
      objectiveSeconds: this.objectives.recoveryTimeSeconds,
      humanSeconds: this.waitedMs / 1000,
      waitingSince: this.waitingSinceMs === null ? null : iso(this.waitingSinceMs),
      phases: this.phases,
      gates: this.gates.map((gate) => gate.status()),
      approvals: this.approvals,
      timeline: this.timeline,
    };
  }

  cancel(): void {
    this.cancelled = true;
    for (const gate of this.gates) gate.withdrawRetry();
    this.changed();
  }

  /** Goes forward again: the rollback was called off before it put anything back. */
  resume(why: string): void {
    this.stop = null;
    this.goingBack = null;
    this.say(`going on: ${why}`);
  }

  /** Leaves the forward path, once: later reasons do not replace the first. */
  requestStop(stop: Stop): void {
    if (this.stop !== null) return;
    this.stop = stop;
    this.note(stop.reason);
    this.cancelForward();
  }
}

/** A phase before it starts. */
export function waitingPhase(phase: Pick<Phase, 'name' | 'budget'>): PhaseStatus {
  return {
    name: phase.name,
    budgetSeconds: phase.budget === undefined ? null : seconds(phase.budget),
    actualSeconds: null,
    attempts: 0,
    startedAt: null,
    finishedAt: null,
    detail: '',
    state: 'waiting',
  };
}
