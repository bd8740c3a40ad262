import type { Afterwards, Question } from '../../plan/actions/acting.ts';
import { type AuthorityVerdict, bothOf } from '../../plan/authority.ts';
import { drifted, factsDigest } from '../../plan/combine-facts.ts';
import { missingRoles, type Voice } from '../../plan/coverage.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Facts } from '../../plan/facts.ts';
import { askAt, authorityNow, decisionOn, tellWhoMustKnow } from './authority.ts';
import { Ended, VerificationOrdered } from './ended.ts';
import { climbWhileOpen } from './ladder.ts';
import type { GateStatus } from './messages.ts';
import { measureGate } from './metrics.ts';
import { observe } from './observe.ts';
import { iso, type Recovery } from './recovery.ts';
import { refreshWhileOpen } from './refresh.ts';

/** Facts older than this are looked at again before an approval takes effect. */
const FACTS_STAY_FRESH_MS = 15_000;

/** A place where people decide. */
export class Gate {
  asked: Question;
  /** All facts that were shown, by their digest; the newest last. */
  private readonly shown = new Map<string, Facts>();
  /** Digests of the facts that approvers have approved of. */
  private readonly approved = new Set<string>();
  readonly openedAtMs = Date.now();
  readonly expiresAtMs: number;
  /** What the plan asked at each hour that it was open in, each rule once. */
  readonly verdicts: AuthorityVerdict[];
  private readonly voices: Voice[] = [];
  rejection: string | null = null;
  /** Why the approval did not take effect; null when it did, undefined before that is known. */
  withheld: string | null | undefined;
  /** Who has the system verified again, and why. */
  retry: string | null = null;

  constructor(question: Question, facts: Facts, verdicts: AuthorityVerdict[], expiresMs: number) {
    this.asked = question;
    this.show(facts, question);
    this.verdicts = verdicts;
    this.expiresAtMs = this.openedAtMs + expiresMs;
  }

  /** Shows newer facts, and what is asked in view of them. An approval of earlier ones still counts. */
  show(facts: Facts, question: Question): void {
    this.shown.set(factsDigest(facts), facts);
    this.asked = question;
  }

  /** The recovery cannot go forward any more. */
  withdrawRetry(): void {
    const { retry: _, ...answers } = this.asked.answers;
    this.asked = { ...this.asked, answers };
  }

  get digests(): string[] {
    return [...this.shown.keys()];
  }

  get digest(): string {
    return this.digests.at(-1) as string;
  }

  get facts(): Facts {
    return this.shown.get(this.digest) as Facts;
  }

  /** The facts that were approved of: each approver may have read others. */
  get approvedFacts(): Facts[] {
    return [...this.shown].filter(([digest]) => this.approved.has(digest)).map(([, facts]) => facts);
  }

  get name(): Question['name'] {
    return this.asked.name;
  }

  get action(): string {
    return this.asked.action;
  }

  get question(): string {
    return this.asked.question;
  }

  /** All that any of its hours asks for: waiting for other hours must not be a way round anybody. */
  get requiredRoles(): string[] {
    return this.verdicts.map(({ requiredRoles }) => requiredRoles).reduce(bothOf, []);
  }

  /** Roles that are still to be given. */
  get wanted(): string[] {
    return missingRoles(this.requiredRoles, this.voices);
  }

  /** Takes in what is asked now, and answers which roles it asks for beyond those before. What was given counts on. */
  heed(verdict: AuthorityVerdict): string[] {
    if (this.decided || this.verdicts.some(({ rule }) => rule === verdict.rule)) return [];
    const before = this.requiredRoles.length;
    this.verdicts.push(verdict);
    return this.requiredRoles.slice(before);
  }

  /** A plan that names nobody for this time lets nobody approve. */
  get decided(): boolean {
    const complete = this.requiredRoles.length > 0 && this.wanted.length === 0;
    return this.rejection !== null || this.retry !== null || complete;
  }

  get outcome(): 'approved' | 'rejected' | 'retried' | 'undecided' {
    if (!this.decided) return 'undecided';
    if (this.retry !== null) return 'retried';
    return this.rejection === null ? 'approved' : 'rejected';
  }

  reject(identity: string, because: string): string {
    this.rejection = `${identity} rejected "${this.action}"${because}`;
    return this.rejection;
  }

  verifyAgain(identity: string, because: string): string {
    this.retry = `${identity} has the system verified again${because}`;
    return this.retry;
  }

  approve(voice: Voice, digest: string | null): string {
    if (digest !== null) this.approved.add(digest);
    if (!this.voices.some(({ identity }) => identity === voice.identity)) this.voices.push(voice);
    const more = this.wanted.length > 0 ? `; still wanted: ${this.wanted.join(', ')}` : '';
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
      ...this.asked,
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
 * `Ended` with outcome refused when they reject or nobody decides in time, and `VerificationOrdered` where the question
 * offers that and an approver takes it.
 */
export async function passGate(
  recovery: Recovery,
  first: Question,
  afterwards: Afterwards = { askAgain: () => first },
): Promise<string> {
  let { askAgain } = afterwards;
  let question = first;
  let facts = recovery.facts ?? (await observe(recovery));
  let asked: AuthorityVerdict[] = [];
  for (;;) {
    const gate = open(recovery, question, facts, asked);
    const stopClimbing = climbWhileOpen(recovery, gate);
    const stopRefreshing = refreshWhileOpen(recovery, gate, askAgain);
    const decided = await decisionOn(recovery, gate).finally(() => {
      stopClimbing();
      stopRefreshing();
      close(recovery, gate);
    });
    if (!decided) throw new Ended('refused', `nobody decided on "${question.name}" within the time the plan gives`);
    if (gate.retry !== null) throw new VerificationOrdered(gate.retry);
    if (gate.rejection !== null) throw new Ended('refused', gate.rejection);
    const again = await questionAfter(recovery, gate, afterwards);
    if (again === null) return approvedBy(recovery, gate);
    facts = recovery.facts ?? facts;
    askAgain = again;
    question = again(facts);
    asked = gate.verdicts;
  }
}

/**
 * What is asked in place of an approval that cannot take effect, which its approver is told; null when it does. The facts
 * are judged again either way: some forbid what was asked.
 */
async function questionAfter(
  recovery: Recovery,
  gate: Gate,
  { askAgain, obstacle }: Afterwards,
): Promise<Afterwards['askAgain'] | null> {
  try {
    const why = (await driftSince(recovery, gate)) ?? (await obstacle?.()) ?? null;
    askAgain(recovery.facts ?? gate.facts);
    gate.withheld = why;
    if (why === null) return null;
    recovery.note(`the approval does not take effect: ${why}; asking again`);
    return (facts) => {
      const again = askAgain(facts);
      return { ...again, question: `${again.question} Asked again: ${why}.` };
    };
  } catch (error) {
    gate.withheld = error instanceof Error ? error.message : String(error);
    throw error;
  }
}

/** @param asked what the plan asked of the same question before */
function open(recovery: Recovery, question: Question, facts: Facts, asked: AuthorityVerdict[]): Gate {
  const gate = new Gate(question, facts, [...asked], milliseconds(recovery.scenario.gate.expires));
  gate.heed(authorityNow(recovery));
  recovery.openGate(gate);
  recovery.say(gate.summary);
  askAt(recovery, gate, gate.requiredRoles, `${recovery.input.plan.system}: decision wanted, ${question.action}`);
  return gate;
}

function close(recovery: Recovery, gate: Gate): void {
  recovery.closeGate(gate);
  measureGate(recovery, gate.name, gate.outcome, (Date.now() - gate.openedAtMs) / 1000);
}

/** Why what was approved of does not hold any more; null when it does. */
async function driftSince(recovery: Recovery, gate: Gate): Promise<string | null> {
  const fresh = Date.now() - Date.parse(gate.facts.observedAt) < FACTS_STAY_FRESH_MS;
  const now = fresh ? gate.facts : await observe(recovery);
  const reasons = gate.approvedFacts.map((facts) => drifted(facts, now, recovery.scenario.gate.drift));
  return reasons.find((reason) => reason !== null) ?? null;
}

function approvedBy(recovery: Recovery, gate: Gate): string {
  const who = gate.approvers;
  recovery.say(`${gate.action}: approved by ${who}`);
  tellWhoMustKnow(recovery, gate.verdicts, { what: `${gate.action} was approved by ${who}`, text: gate.question });
  return `approved by ${who}`;
}
