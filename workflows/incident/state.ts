import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { RecoveryRef } from '../../activities/contract.ts';
import { countFrom, served } from '../../plan/combine-facts.ts';
import { decide } from '../../plan/decide/decide.ts';
import { blockedUntil } from '../../plan/decide/guards.ts';
import { afterRecovery, NO_HISTORY, type PastRecovery, remember } from '../../plan/decide/history.ts';
import type { Verdict } from '../../plan/decide/verdict.ts';
import { byPlan, directionOf } from '../../plan/direction.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Facts, VantageFacts } from '../../plan/facts.ts';
import { planRef, type RecoveryPlan } from '../../plan/recovery-plan.ts';
import {
  type Alert,
  type Asked,
  EVENTS_PER_RUN,
  type IncidentInput,
  type IncidentMemory,
  type IncidentStart,
  type IncidentStatus,
  type OpenRecovery,
  type RecoveryEnded,
  recoveryId,
} from '../incident-messages.ts';
import { putTogether } from '../look-around.ts';
import type { Teller } from '../telling.ts';
import { AlertBook } from './alert-book.ts';
import { readAlerts } from './bound-alert.ts';
import { boundMemory, boundWords, KEPT } from './carry-over.ts';
import { details } from './details.ts';
import { openDecisions } from './steer.ts';

/** The state of one incident. Everything here follows from the workflow's history alone. */
export class Incident {
  readonly plan: RecoveryPlan;
  readonly book: AlertBook;
  readonly memory: Omit<IncidentMemory, 'alerts' | 'shown' | 'usedNonces' | 'undelivered'>;
  readonly usedNonces: Set<string>;
  readonly ref: RecoveryRef;
  /** Messages under way; those that take long go on in the next run of the incident. */
  readonly telling: Teller['telling'] = new Set();
  /** Ends the news that are given; set when they start. */
  stopNews: () => void = () => {};
  /** What brings in more people; `key` says from what it counts. */
  clocks = STOPPED;
  /** An alert fires that did not at the last look. */
  news = false;
  /** A signal spoke of a recovery that has started or ended, and Temporal has not been asked yet. */
  claimed = false;
  /** The recovery under way is this run's own: Temporal delivers how it ends. */
  awaitsReport = false;
  /** The last look, made while no alert fired, called for nothing: silence alone is no proof. */
  calm = false;

  readonly #eventsPerRun: number;

  constructor({ plan, memory = newMemory(plan), eventsPerRun = EVENTS_PER_RUN }: IncidentInput) {
    this.#eventsPerRun = eventsPerRun;
    const { alerts, shown, usedNonces, undelivered: _, ...rest } = memory;
    this.plan = plan;
    this.book = new AlertBook({ alerts, shown });
    this.usedNonces = new Set(usedNonces);
    this.memory = rest;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    this.ref = { workflowId, runId: firstExecutionRunId, epoch: Date.parse(rest.openedAt) };
  }

  join(sent: Alert[]): void {
    const fired = this.book.firing > 0;
    const alerts = readAlerts(sent, this.plan);
    this.memory.leftOut = alerts.reduce((most, { leftOut = 0 }) => Math.max(most, leftOut), this.memory.leftOut);
    if (this.book.join(alerts)) this.news = true;
    const fires = this.book.firing > 0;
    if (fires) this.calm = false;
    else if (fired) this.note('monitoring went quiet: no alert fires; the facts tell whether it is over');
    this.show();
  }

  /** A line in the timeline, and in the worker's log. */
  note(text: string): void {
    this.memory.timeline.push({ at: now(), text: boundWords(text) });
    log.info(text);
    this.show();
  }

  /** What is found again at every look is a line until something else has happened. */
  noteOnce(text: string): void {
    if (this.memory.timeline.at(-1)?.text !== text) this.note(text);
  }

  say(text: string): void {
    const summary = boundWords(text);
    if (this.memory.summary === summary) return;
    this.memory.summary = summary;
    this.note(summary);
  }

  /** Does the system serve from another region than was thought until now? */
  turns(views: VantageFacts[]): boolean {
    const { memory, plan } = this;
    const { from } = memory.direction;
    memory.direction = directionOf(views, plan.regions, memory.direction);
    return memory.direction.from !== from;
  }

  /** One more look, and what the matrix makes of it. */
  sees(views: VantageFacts[]): Verdict {
    const { memory, plan } = this;
    this.turns(views);
    const first = memory.facts === null;
    const before = memory.facts?.from === memory.direction.from ? memory.facts : null;
    const facts = countFrom(before, this.#factsOf(views));
    const at = new Date(Date.now());
    memory.history = remember(memory.history, facts, at, plan.decisions);
    memory.facts = facts;
    memory.verdict = decide(facts, memory.history, at, plan.decisions);
    this.news = false;
    this.calm = this.book.firing === 0 && this.#callsForNothing(memory.verdict);
    if (served(facts)) Object.assign(memory, { downSince: null, escalated: false });
    // The first look counts from the first alert: it is what made it look.
    else memory.downSince ??= (first ? this.book.firingSince() : null) ?? at.toISOString();
    return memory.verdict;
  }

  #factsOf(views: VantageFacts[]): Facts {
    const { direction, leftOut } = this.memory;
    return { ...putTogether(views, direction), ...(leftOut > 0 && { alertsLeftOut: leftOut }) };
  }

  /** Planned work waits for the alert that asks for it: its announcement alone is no trouble. */
  #callsForNothing({ action, rule }: Verdict): boolean {
    const planned = this.plan.decisions.rules.some(({ name, when }) => name === rule && when === 'maintenance');
    return action === 'none' || planned;
  }

  /** A look while a recovery runs: facts to show, and nothing to decide. */
  observes(views: VantageFacts[]): void {
    const { facts, direction } = this.memory;
    this.memory.facts = countFrom(facts?.from === direction.from ? facts : null, this.#factsOf(views));
    this.show();
  }

  started(recovery: OpenRecovery): void {
    this.memory.current = recovery;
    this.memory.ordered = null;
    this.memory.asked = null;
    this.say(`${recovery.scenario} is under way`);
  }

  /** A recovery that another starter began. */
  joins(recovery: OpenRecovery): void {
    const { current, recoveries } = this.memory;
    const id = `${recovery.workflowId}/${recovery.runId}`;
    if (current?.runId == null && !recoveries.some((each) => each.id === id)) this.started(recovery);
  }

  /** Anybody may signal that a recovery has started or ended. The report of its own one arrives without any signal. */
  hearsOfRecovery(): void {
    if (!this.awaitsReport) this.claimed = true;
  }

  /** Found more than once, and of recoveries that others started too: each counts once, the one under way or not. */
  ended(end: RecoveryEnded, endedAt = now()): void {
    const { memory, plan } = this;
    const { workflowId, runId, scenario, outcome, serves } = end;
    const reason = boundWords(end.reason);
    const { current } = memory;
    const id = `${workflowId}/${runId}`;
    if (current !== null && (current.runId === null || current.runId === runId)) memory.current = null;
    if (memory.recoveries.some((each) => each.id === id)) return;
    const past = { system: plan.system, id, endedAt, scenario, outcome, acknowledged: false };
    if (serves !== null) memory.direction = serves;
    memory.recoveries.push({ ...past, reason });
    memory.recoveries.splice(0, memory.recoveries.length - KEPT.recoveries);
    memory.history = afterRecovery(memory.history, past);
    Object.assign(memory, NO_OUTAGE);
    this.calm = false;
    // Everybody has heard of the end from the recovery itself.
    if (outcome === 'recovered') {
      this.stopNews();
      memory.matter = null;
    }
    this.say(`${scenario} ended: ${outcome}. ${reason}`);
  }

  /** Would a recovery that ended then be in the way of the next? */
  stillBlocks(endedAt: string): boolean {
    return Date.parse(endedAt) + milliseconds(this.plan.decisions.blockFor) > Date.now();
  }

  acknowledge(): void {
    const { history, recoveries } = this.memory;
    for (const past of [history.lastRecovery, history.lastUnplanned]) if (past) past.acknowledged = true;
    for (const recovery of recoveries) recovery.acknowledged = true;
  }

  /** Until when no failover starts by itself, in milliseconds since 1970; null when nothing is in the way. */
  blockedUntilMs(): number | null {
    return this.#cooldownOf(this.memory.history.lastUnplanned);
  }

  /** Until when the last recovery is to be seen to, in milliseconds since 1970; null when it is not, or is. */
  openUntilMs(): number | null {
    return this.#cooldownOf(this.memory.history.lastRecovery);
  }

  #cooldownOf(past: PastRecovery | null): number | null {
    const until = blockedUntil(past, this.plan.decisions.blockFor);
    return until !== null && until > Date.now() ? until : null;
  }

  /** Nothing fires, the facts call for nothing, nothing runs, and nothing is left to be seen to. */
  over(): boolean {
    const { current, ordered } = this.memory;
    return this.book.size > 0 && this.calm && current === null && ordered === null && this.openUntilMs() === null;
  }

  /** Is it time to go on in a new run? */
  isLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength > this.#eventsPerRun;
  }

  show(): void {
    setCurrentDetails(details(this));
  }

  carriedOver(): IncidentStart {
    const { plan, memory, book, usedNonces, telling } = this;
    const undelivered = [...telling].map((each) => each.undelivered);
    const known = { ...memory, ...book.carriedOver(), usedNonces: [...usedNonces], undelivered };
    return { plan: planRef(plan), memory: boundMemory(known), eventsPerRun: this.#eventsPerRun };
  }

  status(): IncidentStatus {
    const { memory, plan, book, ref } = this;
    const blocked = this.blockedUntilMs();
    const last = memory.recoveries.at(-1);
    return {
      system: plan.system,
      openedAt: memory.openedAt,
      alerts: book.list(),
      recovery: memory.current || last ? recoveryId(plan.system) : null,
      outcome: memory.current === null ? (last?.outcome ?? null) : null,
      summary: memory.summary,
      environment: plan.environment,
      mode: plan.mode,
      workflowId: ref.workflowId,
      runId: ref.runId,
      planHash: plan.hash,
      direction: memory.direction,
      counts: { firing: book.firing, resolved: book.size - book.firing, leftOut: memory.leftOut },
      facts: memory.facts,
      verdict: memory.verdict,
      recoveries: memory.recoveries,
      blockedUntil: blocked === null ? null : new Date(blocked).toISOString(),
      decisions: openDecisions(this),
      asked: memory.asked && { ...memory.asked, roles: whoIsAsked(this) },
      approvals: memory.approvals,
      refusedBefore: memory.refusedBefore.all,
      notifications: memory.notifications,
      undelivered: [...this.telling].map(({ undelivered: { notice, dueAt } }) => ({ notice, dueAt })),
      timeline: memory.timeline.slice(-KEPT.timeline),
    };
  }
}

/** Those of the path of escalation who are brought in, in this order, while a question is unanswered. */
export const notAskedAtFirst = ({ escalate }: RecoveryPlan['authority'], { roles }: Asked): string[] =>
  escalate.filter((role) => !roles.includes(role));

/** All who have been asked, or brought in since, while the question is unanswered. */
export function whoIsAsked({ memory, plan }: Pick<Incident, 'memory' | 'plan'>): string[] {
  const { asked, escalated } = memory;
  if (asked === null) return [];
  const since = notAskedAtFirst(plan.authority, asked);
  return [...asked.roles, ...(escalated ? since : since.slice(0, asked.broughtIn))];
}

/** No clock runs. */
export const STOPPED = { key: 'none', stop: () => {} };

/** Nobody is asked, and nobody waits for anything. */
const NO_OUTAGE = { asked: null, downSince: null, escalated: false };

const now = () => new Date(Date.now()).toISOString();

function newMemory({ regions }: RecoveryPlan): IncidentMemory {
  return {
    openedAt: workflowInfo().startTime.toISOString(),
    alerts: {},
    shown: [],
    leftOut: 0,
    direction: byPlan(regions),
    history: NO_HISTORY,
    facts: null,
    verdict: null,
    current: null,
    recoveries: [],
    approvals: [],
    usedNonces: [],
    timeline: [],
    summary: 'open',
    matter: null,
    ...NO_OUTAGE,
    stored: { parts: 0, approvals: 0, notifications: 0 },
    refusedBefore: { all: 0, notKept: 0 },
    notifications: [],
    undelivered: [],
    ordered: null,
  };
}
