import { checkDecision } from '../../plan/check-decision.ts';
import { SignedDecision, type Statement } from '../../plan/decision.ts';
import { readStatement } from '../../plan/read-statement.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { Keys } from '../activities/approval/keys.ts';
import { bytesOf } from './armor.ts';
import { Chain, SRE, STANDING, STATEMENT, textOf, VP } from './chain.ts';
import { Dice, mutated } from './mutations.ts';

const ENVELOPES = 100_000;
const SEED = 20_261_121;
/** Processes of ssh-keygen at a time. */
const AT_ONCE = 4;

let keys: Keys;
let approvers: RecoveryPlan['approvers'];
beforeAll(async () => {
  keys = await Keys.make('sre', 'vp', 'stranger');
  approvers = [
    { identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] },
    { identity: VP, roles: ['vp-engineering'], keys: [await keys.publicKey('vp')] },
  ];
});
afterAll(() => keys.remove());

/** What refuses an envelope without asking OpenSSH: null when only its signature can tell. */
function cheapRefusal(envelope: SignedDecision): 'envelope' | 'statement' | 'decision' | null {
  if (!SignedDecision.safeParse(envelope).success) return 'envelope';
  const { statement } = readStatement(envelope.statement);
  if (statement === null) return 'statement';
  return checkDecision(asIfSigned(statement)) === null ? null : 'decision';
}

/** As kind as possible: whoever it says it is by is taken to have signed it. */
function asIfSigned(statement: Statement) {
  const roles = approvers.find(({ identity }) => identity === statement.identity)?.roles ?? ['on-call-sre'];
  const verdict = { identity: statement.identity, roles, refusal: null };
  return { ...STANDING, statement, verdict, usedNonces: new Set<string>() };
}

/** A mutation may leave all as it was, or spell the same bytes of the signature otherwise. */
function saysTheSame(one: SignedDecision, other: SignedDecision): boolean {
  return one.statement === other.statement && bytesOf(one.signature).equals(bytesOf(other.signature));
}

test('of a hundred thousand mutated envelopes none is accepted, and each attempt is recorded', async () => {
  const good = { statement: textOf(), signature: await keys.sign('sre', textOf()) };
  expect(await new Chain(approvers).decide(good)).toBeNull();
  const others = await Promise.all([
    keys.sign('stranger', good.statement),
    keys.sign('vp', good.statement),
    keys.sign('sre', good.statement, 'git'),
    keys.sign('sre', textOf({ verb: 'reject' })),
  ]);
  const dice = new Dice(SEED);
  const counts = { envelope: 0, statement: 0, decision: 0, openssh: 0, unchanged: 0 };
  const left: SignedDecision[] = [];
  for (let count = 0; count < ENVELOPES; count += 1) {
    const envelope = mutated(good, STATEMENT, others, dice);
    const refusal = cheapRefusal(envelope);
    if (refusal !== null) counts[refusal] += 1;
    else if (saysTheSame(envelope, good)) counts.unchanged += 1;
    else left.push(envelope);
  }
  counts.openssh = left.length;
  process.stdout.write(`mutated envelopes, by what refused them: ${JSON.stringify(counts)}\n`);
  // Every part of the chain must have had its share, or the mutations prove nothing.
  expect(Math.min(counts.statement, counts.decision)).toBeGreaterThan(1_000);
  expect(left.length).toBeGreaterThan(100);
  const gate = new Chain(approvers);
  await Promise.all(Array.from({ length: AT_ONCE }, () => decideAll(gate, left)));
  expect(gate.attempts.filter(({ accepted }) => accepted)).toEqual([]);
  expect(gate.attempts).toHaveLength(counts.openssh);
}, 180_000);

/** Several take from one list until it is empty. */
async function decideAll(gate: Chain, envelopes: SignedDecision[]): Promise<void> {
  for (let next = envelopes.pop(); next !== undefined; next = envelopes.pop()) await gate.decide(next);
}
