import type { ComponentFacts, StreamFacts } from '../../../plan/facts.ts';
import { streamRemarks } from '../../../plan/stream-remarks.ts';

const [from, to] = ['us-east-1', 'eu-central-1'];
const seenAt = '2026-06-10T10:00:00.000Z';
const origin: StreamFacts = {
  name: 'ORDERS',
  source: true,
  firstSequence: 1,
  lastSequence: 100,
  deleted: 0,
  consumers: [],
  seenAt,
};
const mirror: StreamFacts = { ...origin, name: 'ORDERS-MIRROR', source: false };

function remarks(changed: Partial<StreamFacts> | null, copy: StreamFacts | null = mirror): string[] {
  const facts = (region: string, stream: StreamFacts | null): ComponentFacts => ({
    component: 'events',
    kind: 'stream',
    region,
    health: 'healthy',
    detail: '',
    ...(stream && { stream }),
  });
  const components = [facts(from, changed && { ...origin, ...changed }), facts(to, copy)];
  return streamRemarks({ from, to, components });
}

test('a mirror that has all that its source has needs no word', () => expect(remarks({})).toEqual([]));

test('durable consumers are named with where they go on', () => {
  expect(remarks({ consumers: [{ name: 'billing', acknowledged: 80 }] })).toEqual([
    `durable consumers of ORDERS in ${from} are not mirrored, as of ${seenAt}: billing (acknowledged up to 80). Create ` +
      `each in ${to}, to begin after the message that it had acknowledged`,
  ]);
});

test('what was purged at the source and comes back is named with how to purge it', () => {
  expect(remarks({ firstSequence: 51 })).toEqual([
    `50 messages, sequences 1 to 50, were deleted in ${from} by ${seenAt} and still in ORDERS-MIRROR in ${to}: purge it up to 51`,
  ]);
  expect(remarks({ firstSequence: 101 })[0]).toMatch(/^100 messages, sequences 1 to 100,/);
  expect(remarks({ firstSequence: 51 }, { ...mirror, firstSequence: 51 })).toEqual([]);
});

test('single messages that were deleted at the source are counted', () => {
  expect(remarks({ deleted: 3 }, { ...mirror, deleted: 1 })[0]).toMatch(/^2 single messages were deleted/);
});

test('a source that was never seen is said to be unknown', () => {
  expect(remarks(null)[0]).toMatch(/was never seen/);
  expect(remarks(null, null)).toEqual([]);
});
