import type { SignatureVerdict } from '../activities/contract.ts';
import type { SignedDecision } from '../plan/decision.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { look, stepOptions } from './recovery/proxies.ts';

/** Decisions that may wait for their verification. A forger fills this; it never holds more than seconds of work. */
export const MAX_WAITING = 64;
/** Decisions per activity: each may need a process of ssh-keygen, and a good one waits for two batches at most. */
export const BATCH = 16;

interface Waiting {
  decision: SignedDecision;
  resolve: (verdict: SignatureVerdict) => void;
}

/** Verifies a batch; answers a verdict for each, in their order. */
export type VerifyBatch = (decisions: SignedDecision[]) => Promise<SignatureVerdict[]>;

export const unverified = (refusal: string): SignatureVerdict => ({
  identity: null,
  roles: [],
  keyFingerprint: null,
  refusal,
});

/**
 * Has signatures verified, one activity at a time, however many decisions arrive: the newest first, since the senders of
 * older ones have had their answer or sent again.
 */
export class SignatureQueue {
  readonly #verifyBatch: VerifyBatch;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  constructor(verifyBatch: VerifyBatch) {
    this.#verifyBatch = verifyBatch;
  }

  verify(decision: SignedDecision): Promise<SignatureVerdict> {
    return new Promise((resolve) => {
      this.#waiting.push({ decision, resolve });
      if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()?.resolve(unverified(CROWDED));
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(-BATCH);
      const verdicts = await this.#verifyBatch(batch.map(({ decision }) => decision));
      for (const [at, { resolve }] of batch.entries()) resolve(verdicts[at] ?? unverified(UNANSWERED));
    }
    this.#busy = false;
  }
}

const CROWDED = 'the signature was not checked: too many decisions wait to be verified; send it again';
const UNANSWERED = 'the signature could not be checked: no worker did it in time; send it again';

/** A queue whose batches an activity verifies, against the keys of the plan's approvers. */
export function signatureQueue({ approvers }: Pick<RecoveryPlan, 'approvers'>): SignatureQueue {
  return new SignatureQueue(async (decisions) => {
    const options = stepOptions('check signatures', null);
    return await look.verifySignatures
      .executeWithOptions(options, [{ decisions, plan: { approvers } }])
      .catch(() => decisions.map(() => unverified(UNANSWERED)));
  });
}
