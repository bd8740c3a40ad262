import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { History, PastRecovery } from '../plan/decide/history.ts';
import type { Verdict } from '../plan/decide/verdict.ts';
import type { SignedDecision, Verb } from '../plan/decision.ts';
import type { Direction } from '../plan/direction.ts';
import type { Facts } from '../plan/facts.ts';
import type { PlanRef, RecoveryPlan } from '../plan/recovery-plan.ts';
import type { ApprovalRecord, NotificationRecord } from '../plan/report.ts';
import type { ScenarioName } from '../plan/schema.ts';
import type { Undelivered } from './telling.ts';

/** Formats of webhooks. */
export const SOURCES = ['alertmanager', 'pagerduty', 'grafana', 'cloudwatch', 'standard'] as const;

/** An alert of any format, translated at the gateway. */
export interface Alert {
  /** The sender's stable id of the alert. */
  fingerprint: string;
  status: 'firing' | 'resolved';
  name: string;
  labels: Record<string, string>;
  summary: string;
  /** ISO times. */
  startsAt: string;
  receivedAt: string;
  source: (typeof SOURCES)[number];
  /** How many alerts of its group the sender left out; absent where it left out none. */
  leftOut?: number;
}

/** Opens an incident. The plan is only named; workers read it from their own. */
export interface IncidentStart {
  plan: PlanRef;
  /** State from before the incident continued as new: believed of its own run before alone. */
  memory?: IncidentMemory;
  /** @default EVENTS_PER_RUN */
  eventsPerRun?: number;
}

/** A start with the plan that it names, as the workers hold it. */
export interface IncidentInput extends Omit<IncidentStart, 'plan'> {
  plan: RecoveryPlan;
}

/** Events after which an incident goes on in a new run, so that no history grows beyond what people can read. */
export const EVENTS_PER_RUN = 250;

/** A recovery under way. */
export interface OpenRecovery {
  workflowId: string;
  /** Null: another started it, and which run it is is not known. */
  runId: string | null;
  scenario: ScenarioName;
  startedAt: string;
}

/** A recovery of this incident that has ended. */
export interface EndedRecovery extends PastRecovery {
  reason: string;
}

/** Everything that an incident knows, as plain data that goes from run to run. */
export interface IncidentMemory {
  openedAt: string;
  /** By fingerprint: `f` or `r` for firing or resolved, and the milliseconds since 1970 when it started. */
  alerts: Record<string, string>;
  /** The alerts that are shown. */
  shown: Alert[];
  /** The most alerts that a sender left out of one message. */
  leftOut: number;
  /** Where the system serves, as far as it is known. */
  direction: Direction;
  history: History;
  facts: Facts | null;
  verdict: Verdict | null;
  current: OpenRecovery | null;
  recoveries: EndedRecovery[];
  approvals: ApprovalRecord[];
  usedNonces: string[];
  timeline: { at: string; text: string }[];
  summary: string;
  /** What is put to people; null when nothing is. */
  matter: Matter | null;
  /** What people have to decide and have not yet, and all who have been asked; null when they are asked nothing. */
  asked: Asked | null;
  /** ISO time since when clients are not seen to be served; null while they are. */
  downSince: string | null;
  /** Those whom half of the objective brings in have been told of this outage. */
  escalated: boolean;
  /** How many parts of the record are stored, and how many of the entries that are kept here are in one of them. */
  stored: { parts: number; approvals: number; notifications: number };
  /** Refused attempts that are not kept here any more; and those of them that no part of the record has. */
  refusedBefore: { all: number; notKept: number };
  /** What became of each message to people. */
  notifications: NotificationRecord[];
  /** Messages that were still under way when the run before this one ended. */
  undelivered: Undelivered[];
  /** A scenario that somebody ordered whatever the matrix says. */
  ordered: { scenario: ScenarioName; direction: Direction; by: string } | null;
}

/** What people are asked, or told of, from the first word to the closing of the incident. */
export interface Matter {
  /** What it is about now, so that people are told of it once. */
  key: string;
  /** The decision rule that it is put to people by. */
  rule: string;
  /** The level by which its people have been told; null when no level names the rule. */
  level: string | null;
  /** ISO time of the first word; news count from it. */
  since: string;
  /** Everybody who has been told. */
  roles: string[];
}

/** A question that climbs the plan's path of escalation while nobody answers it. */
export interface Asked {
  key: string;
  reason: string;
  /** Who was asked at first. */
  roles: string[];
  /** ISO time since when it is asked. */
  since: string;
  /** How many of the plan's path have been told besides. */
  broughtIn: number;
}

/** Something that a person may say to the incident just now, in the words that are signed. */
export interface OpenDecision {
  verb: Extract<Verb, 'acknowledge' | 'override'>;
  target: 'incident';
  action: string;
  /** Any one of these roles may. */
  roles: string[];
}

export interface IncidentStatus {
  system: string;
  openedAt: string;
  /** Those that are shown: the ones that fire come first. */
  alerts: Alert[];
  /** Workflow id of the recovery that runs or ran; null before. */
  recovery: string | null;
  outcome: string | null;
  /** One sentence for somebody woken at 3 a.m. */
  summary: string;
  environment: string;
  mode: 'live' | 'drill';
  workflowId: string;
  /** Of the first run: what decisions are bound to, however often the incident has continued as new. */
  runId: string;
  planHash: string;
  /** Where the system serves, as far as it is known, and where it would be brought up otherwise. */
  direction: Direction;
  /** `leftOut`: the most that a sender left out of one message. */
  counts: { firing: number; resolved: number; leftOut: number };
  /** The last look, and what the matrix made of it. */
  facts: Facts | null;
  verdict: Verdict | null;
  recoveries: EndedRecovery[];
  /** Until when no recovery starts by itself; null when nothing is in the way. */
  blockedUntil: string | null;
  decisions: OpenDecision[];
  /** What people have to decide and have not yet; null when they are asked nothing. */
  asked: Asked | null;
  /**
   * Attempts to decide something: all that were accepted, and the last that were refused. Those at the gates of a recovery
   * come with its report to the run of the incident that started it; a signal says nothing of them, since anybody may send it.
   */
  approvals: ApprovalRecord[];
  /** Refused attempts before those; the evidence has them. */
  refusedBefore: number;
  /** What people were told: who, when, and whether in time. */
  notifications: NotificationRecord[];
  /** What is not delivered yet. */
  undelivered: Pick<Undelivered, 'notice' | 'dueAt'>[];
  timeline: { at: string; text: string }[];
}

/** How a recovery ended, as Temporal has it. */
export interface RecoveryEnded {
  workflowId: string;
  runId: string;
  scenario: ScenarioName;
  outcome: string;
  reason: string;
  /** Where the system serves since; null when that is not known. */
  serves: Direction | null;
}

export const alertsSignal = defineSignal<[Alert[]]>('alerts');
/** Both carry nothing: anybody may send them, so that the incident asks Temporal. */
export const recoveryStartedSignal = defineSignal('recovery-started');
export const recoveryEndedSignal = defineSignal('recovery-ended');
export const incidentStatusQuery = defineQuery<IncidentStatus>('status');

/** Signed, as `decide` is; for the Temporal UI and CLI. */
export const incidentDecisionSignals = {
  acknowledge: defineSignal<[SignedDecision]>('acknowledge'),
  override: defineSignal<[SignedDecision]>('override'),
};

export const incidentId = (system: string) => `incident/${system}`;
export const recoveryId = (system: string) => `recovery/${system}`;
