import { SignedDecision } from '../../plan/decision.ts';
import { readStatement } from '../../plan/read-statement.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Activities, SignatureVerdict } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { reasonOf } from '../reason.ts';
import { type SshKeygen, withSshKeygen } from './ssh-keygen.ts';

type Approvers = RecoveryPlan['approvers'];

function refused(refusal: string, known: Partial<SignatureVerdict> = {}): SignatureVerdict {
  return { identity: null, roles: [], keyFingerprint: null, ...known, refusal };
}

async function judge(claimed: string, approvers: Approvers, ssh: SshKeygen): Promise<SignatureVerdict> {
  const keyFingerprint = await ssh.signingKey();
  if (keyFingerprint === null) {
    return refused(
      'the signature does not fit: the statement was altered, or signed for another purpose, or cut short',
    );
  }
  const identity = await ssh.principal();
  const approver = approvers.find((candidate) => candidate.identity === identity);
  if (approver === undefined) return refused("the key is not one of the plan's approvers'", { keyFingerprint });
  const known = { identity, keyFingerprint };
  if (identity !== claimed) return refused(`the statement is by ${claimed} and the key is ${identity}'s`, known);
  if (!(await ssh.verifies(approver.identity))) {
    return refused(`the key of ${identity} may not sign decisions of recoveries`, known);
  }
  return { ...known, roles: approver.roles, refusal: null };
}

/** Signatures that are checked at the same time, each with at most one process of ssh-keygen. */
const AT_ONCE = 4;

export function approvalActivities(deps: Deps): Pick<Activities, 'verifySignatures'> {
  return {
    async verifySignatures({ decisions, plan: { approvers } }) {
      const verdicts: SignatureVerdict[] = new Array(decisions.length);
      const rest = decisions.entries();
      const work = async () => {
        for (const [at, decision] of rest) verdicts[at] = await verifySignature(deps, decision, approvers);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return verdicts;
    },
  };
}

/**
 * Who signed a decision, by the plan's approvers and OpenSSH. Says nothing on whether the decision is in time and in
 * place: that is `checkDecision`. Whatever cannot be checked is refused.
 */
export async function verifySignature(
  { log }: Pick<Deps, 'log'>,
  decision: unknown,
  approvers: Approvers,
): Promise<SignatureVerdict> {
  const envelope = SignedDecision.safeParse(decision);
  if (!envelope.success) return refused('it is not a signed decision: a statement and a signature are expected');
  const { statement, refusal } = readStatement(envelope.data.statement);
  if (statement === null) return refused(refusal);
  try {
    return await withSshKeygen(envelope.data, approvers, (ssh) => judge(statement.identity, approvers, ssh));
  } catch (cause) {
    log.error({ err: cause }, 'a signature could not be checked');
    return refused(`the signature could not be checked by the worker: ${reasonOf(cause)}; mend it, then sign again`);
  }
}
