import { boundText, boundTexts, firstThatFit, lastThatFit } from '../../plan/bounded.ts';
import type { IncidentMemory } from '../incident-messages.ts';

/** How much is kept of what happened: for people, and small enough to travel from run to run. */
export const KEPT = { recoveries: 10, timeline: 40 };

/**
 * Bytes of JSON: Temporal takes 2 MiB as the input of the next run. The alerts are bounded by their book, and the facts in
 * number by the plan. A used nonce is of no use after an hour, when its statement has expired.
 */
const MAX_BYTES = {
  ...{ text: 1_024, ofFacts: 256, ofApprovals: 3_072 },
  ...{ shown: 128 * 1024, approvals: 192 * 1024, notifications: 192 * 1024, nonces: 64 * 1024 },
};
/** Of messages under way: what is beyond is given up before, see `boundTelling`. */
export const UNDELIVERED_BYTES = 128 * 1024;

/** A text that becomes part of an incident, whoever wrote it. */
export const boundWords = (text: string): string => boundText(text, MAX_BYTES.text);

/** What an incident knows, as small as the input of its next run has to be. */
export function boundMemory(memory: IncidentMemory): IncidentMemory {
  const { alerts, approvals: _, facts, stored, undelivered, ...rest } = memory;
  const kept = boundTexts(rest, MAX_BYTES.text);
  const notifications = lastThatFit(kept.notifications, MAX_BYTES.notifications);
  const forgotten = kept.notifications.length - notifications.length;
  const decided = boundApprovals(memory);
  return {
    ...kept,
    alerts,
    undelivered,
    ...decided,
    stored: { ...decided.stored, notifications: Math.max(0, stored.notifications - forgotten) },
    facts: boundTexts(facts, MAX_BYTES.ofFacts),
    shown: firstThatFit(kept.shown, MAX_BYTES.shown),
    recoveries: kept.recoveries.slice(-KEPT.recoveries),
    timeline: kept.timeline.slice(-KEPT.timeline),
    notifications,
    usedNonces: lastThatFit(kept.usedNonces, MAX_BYTES.nonces),
  };
}

type Decided = Pick<IncidentMemory, 'approvals' | 'stored' | 'refusedBefore'>;

/** The refused ones go first, the oldest of them before others; what is forgotten is counted. */
function boundApprovals({ approvals, stored, refusedBefore }: Decided): Decided {
  const bounded = approvals.map((each) => boundTexts(each, MAX_BYTES.ofApprovals));
  const newestFirst = bounded.toReversed().sort((a, b) => Number(b.accepted) - Number(a.accepted));
  const kept = new Set(firstThatFit(newestFirst, MAX_BYTES.approvals));
  const forgotten = bounded.filter((each) => !kept.has(each));
  const ofStored = bounded.slice(0, stored.approvals).filter((each) => !kept.has(each)).length;
  return {
    approvals: bounded.filter((each) => kept.has(each)),
    stored: { ...stored, approvals: stored.approvals - ofStored },
    refusedBefore: {
      all: refusedBefore.all + forgotten.filter(({ accepted }) => !accepted).length,
      notKept: refusedBefore.notKept + forgotten.length - ofStored,
    },
  };
}
