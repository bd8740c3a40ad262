import { condition } from '@temporalio/workflow';
import { authorityAt } from '../../plan/authority.ts';
import { drifted, factsDigest } from '../../plan/combine-facts.ts';
import { missingRoles, type Voice } from '../../plan/coverage.ts';
import { whyApprovalIsNeeded } from '../../plan/decide/unattended.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Facts } from '../../plan/facts.ts';
import { Ended } from './ended.ts';
import { climbWhileOpen } from './ladder.ts';
import type { GateStatus } from './messages.ts';
import { measureGate } from './metrics.ts';
import { notice } from './notices.ts';
import { observe } from './observe.ts';
import { iso, type Recovery } from './recovery.ts';

export interface Question {
  name: 'approve' | 'failback' | 'split-brain';
  /** What is approved, in the words that are signed. */
  action: string;
  /** One sentence: what is asked and why. */
  question: string;
}

/** Facts older than this are looked at again before an approval takes effect. */
const FACTS_STAY_FRESH_MS = 15_000;

/** A place where people decide. */
export class Gate {
  readonly name: Question['name'];
  readonly action: string;
  readonly question: string;
  readonly facts: Facts;
  readonly digest: string;
  readonly openedAtMs = Date.now();
  readonly expiresAtMs: number;
  readonly requiredRoles: string[];
  private readonly voices: Voice[] = [];
  rejection: string | null = null;

  constructor(question: Question, facts: Facts, requiredRoles: string[], expiresMs: number) {
    this.name = question.name;
    this.action = question.action;
    this.question = question.question;
    this.facts = facts;
    this.digest = factsDigest(facts);
    this.requiredRoles = requiredRoles;
    this.expiresAtMs = this.openedAtMs + expiresMs;
  }

  /** A plan that names nobody for this time lets nobody approve. */
  get decided(): boolean {
    const complete = this.requiredRoles.length > 0 && missingRoles(this.requiredRoles, this.voices).length === 0;
    return this.rejection !== null || complete;
  }

  get outcome(): 'approved' | 'rejected' | 'undecided' {
    if (!this.decided) return 'undecided';
    return this.rejection === null ? 'approved' : 'rejected';
  }

  reject(identity: string, because: string): string {
    this.rejection = `${identity} rejected "${this.action}"${because}`;
    return this.rejection;
  }

  approve(voice: Voice): string {
    if (!this.voices.some(({ identity }) => identity === voice.identity)) this.voices.push(voice);
    const missing = missingRoles(this.requiredRoles, this.voices);
    const more = missing.length > 0 ? `; still wanted: ${missing.join(', ')}` : '';
    return `"${this.action}" approved by ${voice.identity}${more}`;
  }

  /** What is asked, and of whom. */
  get summary(): string {
    return `${this.question} Waiting for ${this.requiredRoles.join(' and ')}.`;
  }

  get approvers(): string {
    return this.voices.map(({ identity }) => identity).join(' and ');
  }

  status(): GateStatus {
    return {
      name: this.name,
      action: this.action,
      question: this.question,
      facts: this.facts,
      factsDigest: this.digest,
      openedAt: iso(this.openedAtMs),
      expiresAt: iso(this.expiresAtMs),
      requiredRoles: this.requiredRoles,
      given: this.voices.flatMap(({ identity, roles }) => roles.map((role) => ({ role, identity }))),
    };
  }
}

/**
 * Asks the people whom the plan's authority names now, and returns once they approve of facts that still hold. Throws
 * `Ended` with outcome refused when they reject or nobody decides in time.
 */
export async function passGate(recovery: Recovery, question: Question): Promise<string> {
  let facts = recovery.facts ?? (await observe(recovery));
  for (;;) {
    const gate = open(recovery, question, facts);
    const stopClimbing = climbWhileOpen(recovery, gate);
    const decided = await condition(() => gate.decided, gate.expiresAtMs - gate.openedAtMs).finally(() => {
      stopClimbing();
      close(recovery, gate);
    });
    if (!decided) throw new Ended('refused', `nobody decided on "${question.name}" within the time the plan gives`);
    if (gate.rejection !== null) throw new Ended('refused', gate.rejection);
    const drift = await driftSince(recovery, gate);
    if (drift === null) return approvedBy(recovery, gate);
    facts = recovery.facts ?? facts;
    recovery.note(`the facts have changed since they were approved: ${drift}; asking again`);
  }
}

function open(recovery: Recovery, question: Question, facts: Facts): Gate {
  const { plan } = recovery.input;
  const { requiredRoles } = authorityAt(plan.authority, new Date());
  const gate = new Gate(question, facts, requiredRoles, milliseconds(recovery.scenario.gate.expires));
  recovery.openGate(gate);
  recovery.say(gate.summary);
  const subject = `${plan.system}: decision wanted, ${question.action}`;
  notice(recovery, { kind: 'gate', roles: requiredRoles, subject, text: question.question });
  return gate;
}

function close(recovery: Recovery, gate: Gate): void {
  recovery.closeGate(gate);
  measureGate(recovery, gate.name, gate.outcome, (Date.now() - gate.openedAtMs) / 1000);
}

async function driftSince(recovery: Recovery, gate: Gate): Promise<string | null> {
  if (Date.now() - Date.parse(gate.facts.observedAt) < FACTS_STAY_FRESH_MS) return null;
  return drifted(gate.facts, await observe(recovery), recovery.scenario.gate.drift);
}

function approvedBy(recovery: Recovery, gate: Gate): string {
  const who = gate.approvers;
  recovery.say(`${gate.action}: approved by ${who}`);
  tellWhoMustKnow(recovery, `${gate.action} was approved by ${who}`, gate.question);
  return `approved by ${who}`;
}

/** The plan's authority may want others told when few people decide alone. */
function tellWhoMustKnow(recovery: Recovery, what: string, text: string): void {
  const { plan } = recovery.input;
  const { notify } = authorityAt(plan.authority, new Date());
  if (!notify) return;
  const message = { kind: 'authority' as const, roles: notify.roles, subject: `${plan.system}: ${what}`, text };
  notice(recovery, message, milliseconds(notify.within));
}

/**
 * Goes on without people, where a decision rule of the plan may and the facts leave nothing to weigh; null when people
 * must be asked. For the gate `approve` only: the others are about risks that no rule can take.
 */
export function passWithoutApproval(recovery: Recovery, question: Question): string | null {
  const { plan, scenario, approval, rule } = recovery.input;
  if (approval !== 'not-required' || recovery.facts === null) return null;
  const why = whyApprovalIsNeeded(plan, { scenario, rule }, recovery.facts);
  if (why !== null) {
    recovery.note(`approval is needed all the same: ${why}`);
    return null;
  }
  const detail = `started without approval, by rule "${rule}" of the plan`;
  recovery.approvals.push({
    at: iso(Date.now()),
    verb: 'approve',
    target: question.name,
    identity: null,
    roles: [],
    keyFingerprint: null,
    accepted: true,
    detail,
    factsDigest: factsDigest(recovery.facts),
    reason: recovery.finding,
  });
  recovery.say(`${question.action}: ${detail}`);
  tellWhoMustKnow(recovery, `${question.action} ${detail}`, question.question);
  return detail;
}
