import fc from 'fast-check';
import { boundText, firstThatFit, jsonBytes, lastThatFit } from '../../../plan/bounded.ts';
import { NO_HISTORY } from '../../../plan/decide/history.ts';
import { verdict } from '../../../plan/decide/verdict.ts';
import type { Facts } from '../../../plan/facts.ts';
import type { ApprovalRecord, NotificationRecord } from '../../../plan/report.ts';
import { AlertBook } from '../../../workflows/incident/alert-book.ts';
import { readAlerts } from '../../../workflows/incident/bound-alert.ts';
import { boundMemory } from '../../../workflows/incident/carry-over.ts';
import type { Alert, IncidentMemory } from '../../../workflows/incident-messages.ts';
import { fixtures } from '../../support/plan/fixtures.ts';
import { alert } from '../../support/workflows/incidents.ts';

const { plan } = fixtures();
/** With room for the name of the plan, the codec and Temporal's own words. */
const LARGEST_INPUT = 1.75 * 1024 * 1024;

/** Texts of senders: long, of several bytes a character, and such as JSON makes six times longer. */
const text = fc
  .tuple(fc.constantFrom('x', 'é', '🛟', '\u0001', '"', '\ud800'), fc.nat(20_000), fc.string())
  .map(([character, times, rest]) => `${rest}${character.repeat(times)}`);

const odd = fc.record({
  fingerprint: text,
  name: text,
  summary: text,
  labels: fc.dictionary(fc.string({ maxLength: 300 }), text, { maxKeys: 8 }),
  status: fc.constantFrom('firing' as const, 'resolved' as const),
});

function memoryOf(
  words: string,
  many: number,
  { alerts, shown }: Pick<IncidentMemory, 'alerts' | 'shown'>,
): IncidentMemory {
  const at = '2026-06-10T10:00:00.000Z';
  const all = <T>(each: T) => Array.from({ length: many }, () => ({ ...each }));
  const refused: ApprovalRecord = {
    ...{ at, verb: words, target: words, identity: null, roles: [], keyFingerprint: null, accepted: false },
    ...{ detail: words, factsDigest: words, reason: words },
  };
  const told: NotificationRecord = {
    ...{ at, kind: 'update', roles: [words], subject: words, delivered: [words], failed: [] },
    ...{
      deliveries: all({ channel: 'c', deliveredAt: null, onTime: false, detail: words }).slice(0, 9),
      dueAt: at,
      onTime: null,
    },
  };
  const past = {
    system: 's',
    id: words,
    endedAt: at,
    scenario: 'switchover' as const,
    outcome: words,
    acknowledged: false,
  };
  const component = { component: 'c', kind: 'cache' as const, region: 'r', health: 'failing' as const, detail: words };
  const facts = { components: Array.from({ length: 40 }, () => component) } as unknown as Facts;
  return {
    ...{
      openedAt: at,
      alerts,
      shown,
      leftOut: 0,
      direction: { from: 'a', to: 'b' },
      history: NO_HISTORY,
      facts,
      current: null,
    },
    ...{ verdict: verdict('wait', 'r', words), recoveries: all({ ...past, reason: words }), approvals: all(refused) },
    ...{
      usedNonces: all({}).map((_, n) => `${n}`.padStart(64, 'n')),
      timeline: all({ at, text: words }),
      summary: words,
    },
    ...{ matter: null, asked: { key: words, reason: words, roles: [], since: at, broughtIn: 0 }, downSince: null },
    ...{
      escalated: false,
      stored: { parts: 0, approvals: many, notifications: many },
      refusedBefore: { all: 0, notKept: 0 },
    },
    ...{ notifications: all(told), undelivered: [], ordered: null },
  };
}

/** The input of the next run, as what was sent leaves it. */
function inputAfter(sent: readonly Alert[], words: string, many: number) {
  const book = new AlertBook({ alerts: {}, shown: [] });
  book.join([...sent]);
  const memory = boundMemory(memoryOf(words, many, book.carriedOver()));
  return { book, memory, bytes: jsonBytes({ plan, memory }) };
}

test('whatever senders and signers write, the input of the next run is one that Temporal takes', () => {
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 20 }), text, fc.nat(600), (sent, words, many) => {
      const alerts = readAlerts(
        sent.map((each) => alert(each)),
        plan,
      );
      const { book, memory, bytes } = inputAfter(alerts, words, many);
      expect(bytes).toBeLessThan(LARGEST_INPUT);
      expect(new AlertBook(memory).firing).toBe(book.firing);
    }),
    { numRuns: 6 },
  );
}, 60_000);

test('so it is after a storm of alerts whose fingerprints are as long as they may be', () => {
  const one = alert();
  const storm = Array.from({ length: 22_000 }, (_, n) => ({ ...one, fingerprint: `${n}`.padStart(32, '0') }));
  const { book, memory, bytes } = inputAfter(storm, 'x'.repeat(1_000), 600);
  expect(bytes).toBeLessThan(LARGEST_INPUT);
  expect(new AlertBook(memory).firing).toBe(book.firing);
}, 60_000);

test('what is forgotten is counted, refused attempts before accepted ones, and what is stored stays known', () => {
  const memory = memoryOf('x'.repeat(500), 300, { alerts: {}, shown: [] });
  for (const index of [0, 150]) Object.assign(memory.approvals[index] as ApprovalRecord, { accepted: true });
  memory.stored = { parts: 1, approvals: 200, notifications: 10 };
  const { approvals, stored, refusedBefore } = boundMemory(memory);
  const forgotten = 300 - approvals.length;
  expect(approvals.filter(({ accepted }) => accepted)).toHaveLength(2);
  expect(forgotten).toBeGreaterThan(100);
  expect(refusedBefore.all).toBe(forgotten);
  expect(refusedBefore.notKept + (200 - stored.approvals)).toBe(forgotten);
});

test('an alert that is odd is left out, and costs neither the others nor the incident', () => {
  const good = alert({ fingerprint: 'good' });
  const sent: unknown[] = [null, 7, {}, { ...good, startsAt: 'soon' }, { ...good, labels: { a: null } }, good];
  expect(readAlerts(sent, plan)).toEqual([good]);
  expect(readAlerts(null as unknown as Alert[], plan)).toEqual([]);
});

test('labels that the rules of the plan match on are kept, however fat the others are', () => {
  const [rule] = plan.alerts;
  const fat = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`a${n}`, 'x'.repeat(600_000 / 500)]));
  const [kept] = readAlerts([alert({ labels: { ...fat, ...rule?.labels } })], plan);
  expect(kept?.labels).toMatchObject(rule?.labels ?? {});
  expect(jsonBytes(kept)).toBeLessThan(8 * 1024);
});

test('a fingerprint keeps its identity: short ones as they are, long ones as their hash, however often it is made', () => {
  const once = (fingerprint: string) => readAlerts([alert({ fingerprint })], plan)[0]?.fingerprint ?? '';
  expect(once('b5c3a4f0f2a1d9e7')).toBe('b5c3a4f0f2a1d9e7');
  const [long, other] = ['x'.repeat(33), 'x'.repeat(34)];
  expect(once(long)).toMatch(/^[0-9a-f]{32}$/);
  expect(once(long)).not.toBe(once(other));
  expect(once(once(long))).toBe(once(long));
});

test('a text is cut at a character, in bytes as JSON has them', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 8, max: 500 }), (whole, max) => {
      const cut = boundText(whole, max);
      expect(jsonBytes(cut) - 2).toBeLessThanOrEqual(max);
      expect(whole.startsWith(cut.replace(/…$/, ''))).toBe(true);
    }),
  );
  expect(firstThatFit(['a', 'b', 'c'], 8)).toEqual(['a', 'b']);
  expect(lastThatFit(['a', 'b', 'c'], 8)).toEqual(['b', 'c']);
});
