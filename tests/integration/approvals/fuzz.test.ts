import { jest } from '@jest/globals';
import type { SignedDecision, Statement } from '../../../plan/decision.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { DecisionVerdict } from '../../../workflows/recovery/messages.ts';
import { UNVERIFIED_KEPT } from '../../../workflows/signed-decisions.ts';
import { Keys } from '../../support/activities/approval/keys.ts';
import { bytesOf } from '../../support/approvals/armor.ts';
import { at, Chain, NOW, SRE, STATEMENT, textOf, VP } from '../../support/approvals/chain.ts';
import { stopTheClock } from '../../support/approvals/clock.ts';
import { Dice, type Material, mutated } from '../../support/approvals/mutations.ts';

/** `npm run chaos -- envelopes` sends ten times as many. */
const ENVELOPES = Number(process.env['FUZZ_ENVELOPES'] ?? 10_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
/** Decisions at a time, each with at most one process of ssh-keygen. */
const AT_ONCE = 4;

let keys: Keys;
let approvers: RecoveryPlan['approvers'];
beforeAll(async () => {
  keys = await Keys.make('sre', 'vp', 'stranger');
  approvers = [
    { identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] },
    { identity: VP, roles: ['vp-engineering'], keys: [await keys.publicKey('vp')] },
  ];
  stopTheClock(NOW);
});
afterAll(async () => {
  jest.useRealTimers();
  await keys.remove();
});

const WRONG: Partial<Statement>[] = [
  { workflowId: 'recovery/other' },
  { runId: 'run-0' },
  { planHash: 'b'.repeat(64) },
  { target: 'failback' },
  { target: 'recovery' },
  { action: 'region-failover eu-central-1 -> us-east-1' },
  { factsDigest: 'e'.repeat(64) },
  { factsDigest: null },
  { expiresAt: at(0) },
  { expiresAt: at(3_600_001) },
  { issuedAt: at(61_000) },
  { verb: 'retry' },
  { verb: 'abort', target: 'recovery', action: 'abort region-failover', factsDigest: null },
];

async function prepared(): Promise<Material> {
  const signed = async (text: string) => ({ statement: text, signature: await keys.sign('sre', text) });
  const good = await signed(textOf());
  const signatures = await Promise.all([
    keys.sign('stranger', good.statement),
    keys.sign('vp', good.statement),
    keys.sign('sre', good.statement, 'git'),
    keys.sign('sre', textOf({ verb: 'reject' })),
  ]);
  const wrong = await Promise.all(WRONG.map((change) => signed(textOf(change))));
  return { good, statement: STATEMENT, signatures, wrong };
}

/** A mutation may leave all as it was, or spell the same bytes of the signature otherwise. */
function saysTheSame(one: SignedDecision, other: SignedDecision): boolean {
  return one.statement === other.statement && bytesOf(one.signature).equals(bytesOf(other.signature));
}

/** What refused it, by the words of the answer. */
function refusedBy({ detail }: DecisionVerdict): 'envelope' | 'statement' | 'signature' | 'signer' | 'decision' {
  if (/^it is not a signed decision/.test(detail)) return 'envelope';
  if (/^the statement is not/.test(detail)) return 'statement';
  if (/^the signature does not fit/.test(detail)) return 'signature';
  return /^the key is not one of|^the statement is by/.test(detail) ? 'signer' : 'decision';
}

test('of thousands of mutated envelopes none is accepted, and each attempt is recorded or counted', async () => {
  const material = await prepared();
  const { good } = material;
  const dice = new Dice(SEED);
  const chain = new Chain(approvers);
  const answers: DecisionVerdict[] = [];
  let sent = 0;
  async function send(): Promise<void> {
    while (sent < ENVELOPES) {
      const envelope = mutated(material, dice);
      if (saysTheSame(envelope, good)) continue;
      sent += 1;
      answers.push(await chain.answer(envelope));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const counts = { envelope: 0, statement: 0, signature: 0, signer: 0, decision: 0 };
  for (const answer of answers) counts[refusedBy(answer)] += 1;
  process.stdout.write(`mutated envelopes, by what refused them: ${JSON.stringify(counts)}\n`);
  expect(answers.filter(({ accepted }) => accepted)).toEqual([]);
  expect(chain.record.filter(({ accepted }) => accepted)).toEqual([]);
  // Of those whose sender is known each is kept; of the others a few, and the rest is counted.
  const known = chain.record.filter(({ identity }) => identity !== null).length;
  expect(chain.record).toHaveLength(known + UNVERIFIED_KEPT);
  expect(chain.notes).toHaveLength(chain.record.length);
  expect(chain.record.length + chain.recovery.droppedAttempts).toBe(ENVELOPES);
  expect(chain.missing).toEqual(['on-call-sre', 'vp-engineering']);
  // Every part of the way must have had its share, or the mutations prove nothing.
  expect(counts.statement).toBeGreaterThan(ENVELOPES * 0.8);
  // A statement that says something else is refused for that, before its signature is looked at.
  expect(counts.signature + counts.decision).toBeGreaterThan(ENVELOPES * 0.01);
  expect(counts.signature).toBeGreaterThan(ENVELOPES * 0.004);
  expect(Math.min(counts.signer, counts.decision)).toBeGreaterThan(ENVELOPES / 1_000);
  // And the good one counts: nothing of all that closed the gate or used its nonce.
  expect(await chain.decide(good)).toBeNull();
  expect(chain.missing).toEqual(['vp-engineering']);
}, 1_200_000);
