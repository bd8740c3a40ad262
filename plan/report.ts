import { z } from 'zod';
import type { Severity } from './channels.ts';

/** The report's contract (docs/report.md): versioned, and only ever added to. Times are ISO 8601 in UTC. */

const Iso = z.string();

export const Check = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'unknown']),
  detail: z.string(),
  at: Iso,
});
export type Check = z.infer<typeof Check>;

export const PhaseReport = z.object({
  name: z.string(),
  budgetSeconds: z.number().nullable(),
  /** What the budget is for: without the time that the phase only watched. */
  actualSeconds: z.number().nullable(),
  /** How long it watched what it had brought about; absent where it did not. */
  watchSeconds: z.number().optional(),
  attempts: z.number().int(),
  outcome: z.enum(['done', 'skipped', 'failed', 'cancelled', 'not-started']),
  startedAt: Iso.nullable(),
  finishedAt: Iso.nullable(),
  detail: z.string(),
});
export type PhaseReport = z.infer<typeof PhaseReport>;

/** Every attempt to decide something, refused ones included. */
export const ApprovalRecord = z.object({
  at: Iso,
  verb: z.string(),
  target: z.string(),
  identity: z.string().nullable(),
  roles: z.array(z.string()),
  keyFingerprint: z.string().nullable(),
  accepted: z.boolean(),
  /** Why it was refused; what it did otherwise. */
  detail: z.string(),
  factsDigest: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ApprovalRecord = z.infer<typeof ApprovalRecord>;

/** How far a matter has come, in the words of status pages. */
export type Stage = 'investigating' | 'identified' | 'monitoring' | 'resolved';

/** Something people are told. */
export interface Notice {
  kind: 'started' | 'update' | 'gate' | 'paused' | 'escalation' | 'authority' | 'finished';
  roles: string[];
  severity: Severity;
  stage: Stage;
  subject: string;
  text: string;
  workflowId: string;
}

/** What became of a notice in one channel. */
export const Delivery = z.object({
  channel: z.string(),
  /** Null when it was not delivered. */
  deliveredAt: Iso.nullable(),
  /** Null when there was no time by which it had to be. */
  onTime: z.boolean().nullable(),
  /** What the channel answered, or why it was not delivered. */
  detail: z.string(),
  /** Id of the workflow that goes on trying after this one. */
  goesOnIn: z.string().optional(),
});
export type Delivery = z.infer<typeof Delivery>;

export const NotificationRecord = z.object({
  at: Iso,
  kind: z.string(),
  roles: z.array(z.string()),
  subject: z.string(),
  delivered: z.array(z.string()),
  failed: z.array(z.string()),
  /** Channel by channel; one that is neither delivered nor failed is still tried. */
  deliveries: z.array(Delivery).default([]),
  dueAt: Iso.nullable(),
  /** Was every role reached by at least one channel in time? Null when there was no time by which it had to be. */
  onTime: z.boolean().nullable(),
});
export type NotificationRecord = z.infer<typeof NotificationRecord>;

/** A part of an incident's record: all that was kept of it when the part was stored. */
export interface IncidentRecord {
  schemaVersion: 1;
  system: string;
  environment: string;
  mode: 'live' | 'drill';
  planHash: string;
  workflowId: string;
  /** Of the incident's first run. */
  runId: string;
  openedAt: string;
  /** 1 for the first; an entry that is in none before it is in this one. */
  part: number;
  recordedAt: string;
  summary: string;
  recoveries: unknown[];
  approvals: ApprovalRecord[];
  /** Refused attempts that came so fast that no part has them: they are counted here. */
  approvalsNotKept: number;
  notifications: NotificationRecord[];
  timeline: { at: string; text: string }[];
}

export const Outcome = z.enum(['recovered', 'rolled-back', 'aborted', 'refused', 'failed']);
export type Outcome = z.infer<typeof Outcome>;

export const Report = z.object({
  schemaVersion: z.literal(1),
  system: z.string(),
  environment: z.string(),
  scenario: z.string(),
  mode: z.enum(['live', 'drill']),
  outcome: Outcome,
  /** Why it ended so, in one sentence. */
  reason: z.string(),
  from: z.string(),
  to: z.string(),
  planHash: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  detectedAt: Iso,
  startedAt: Iso,
  recoveredAt: Iso.nullable(),
  finishedAt: Iso,
  recoveryTime: z.object({
    objectiveSeconds: z.number(),
    /** From detection to `recoveredAt`; null when never reached. */
    actualSeconds: z.number().nullable(),
    /** Of those, spent waiting for people. */
    humanSeconds: z.number(),
    /** Null when the recovery did not get there. */
    met: z.boolean().nullable(),
  }),
  dataLoss: z.object({
    objectiveSeconds: z.number(),
    actualSeconds: z.number().nullable(),
    /** The upper bound that the approvers were shown; null is unknown. */
    estimatedSeconds: z.number().nullable().default(null),
    bytes: z.number().nullable(),
    lostAcknowledgedWrites: z.number().int().nullable(),
    method: z.string(),
    met: z.boolean().nullable(),
  }),
  phases: z.array(PhaseReport),
  approvals: z.array(ApprovalRecord),
  notifications: z.array(NotificationRecord),
  checks: z.array(Check),
  /** What the move left behind, a sentence for each kind; absent when there is nothing. */
  leftToDo: z.array(z.string()).optional(),
  /** What happened, in order. */
  timeline: z.array(z.object({ at: Iso, text: z.string() })),
  /** Where the evidence is kept; null when it could not be stored. */
  evidence: z.string().nullable(),
});
export type Report = z.infer<typeof Report>;
