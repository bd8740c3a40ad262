/** Within the objective? Null when the actual value is unknown: unknown is never met. */
export function objectiveMet(actualSeconds: number | null, objectiveSeconds: number): boolean | null {
  return actualSeconds === null || !Number.isFinite(actualSeconds) ? null : actualSeconds <= objectiveSeconds;
}

/** A verdict on an objective. `met` is null when it cannot be told: unknown is never met. */
export interface Verdict {
  met: boolean | null;
  /** One sentence. */
  reason: string;
}

/** Seconds as people say them: `4.2 s`. */
const text = (seconds: number) => `${Math.round(seconds * 10) / 10} s`;

interface Recovery {
  objectiveSeconds: number;
  /** From detection to the start of the unbroken run of green checks; null when it was never reached. */
  actualSeconds: number | null;
  /** Of those, spent waiting for people: shown apart, not taken off. */
  humanSeconds: number;
}

/** Was the recovery-time objective met? Waiting for people counts, since the system was down meanwhile. */
export function recoveryTimeVerdict({ objectiveSeconds, actualSeconds, humanSeconds }: Recovery): Verdict {
  const met = objectiveMet(actualSeconds, objectiveSeconds);
  if (actualSeconds === null || met === null) {
    return { met: null, reason: 'The service was not verified in the other region, so there is no recovery time.' };
  }
  const waiting = humanSeconds > 0 ? `, ${text(humanSeconds)} of it waiting for people` : '';
  const sentence = `Recovered in ${text(actualSeconds)}${waiting}; the objective is ${text(objectiveSeconds)}.`;
  return { met, reason: sentence };
}

/** What was measured of a loss, and what was shown and counted beside it; null is unknown. */
interface LossMeasures {
  /** An upper bound, as the promotion measured it. */
  seconds: number | null;
  /** One sentence on how. */
  method: string;
  /** The upper bound that the approvers were shown. */
  estimatedSeconds: number | null;
  /** Acknowledged writes that the ledger of the clients has and the database has not. */
  lostAcknowledgedWrites: number | null;
}

/**
 * Holds the measures of one loss against each other: a count of lost writes disproves a measured loss of zero, and a loss
 * beyond what the approvers were shown is named.
 */
export function reconcileLoss(measures: LossMeasures): Pick<LossMeasures, 'seconds' | 'method'> {
  const { seconds, method, estimatedSeconds, lostAcknowledgedWrites: lost } = measures;
  if (seconds === 0 && lost !== null && lost > 0) {
    return { seconds: null, method: `unknown: ${lost} acknowledged writes are missing, which disproves "${method}"` };
  }
  if (seconds !== null && estimatedSeconds !== null && seconds > estimatedSeconds) {
    return { seconds, method: `${method}; more than the ${text(estimatedSeconds)} that the approvers were shown` };
  }
  return { seconds, method };
}

interface Loss {
  objectiveSeconds: number;
  /** An upper bound; null is unknown. */
  actualSeconds: number | null;
}

/** Was the data-loss objective met? An upper bound within the objective is enough; an unknown loss never is. */
export function dataLossVerdict({ objectiveSeconds, actualSeconds }: Loss): Verdict {
  const met = objectiveMet(actualSeconds, objectiveSeconds);
  if (actualSeconds === null || met === null) {
    return { met: null, reason: 'How much data was lost is unknown.' };
  }
  return { met, reason: `At most ${text(actualSeconds)} of writes lost; the objective is ${text(objectiveSeconds)}.` };
}
