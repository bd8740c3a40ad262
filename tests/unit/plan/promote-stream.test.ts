import type { Acting } from '../../../plan/actions/acting.ts';
import { promoteStream } from '../../../plan/actions/promote-stream.ts';
import type { ComponentFacts, Facts, StreamFacts } from '../../../plan/facts.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';

const stream = { name: 'events', kind: 'stream' } as WiredComponent;

function actingWith(facts: Facts | null): Acting {
  return {
    from: 'us-east-1',
    to: 'eu-central-1',
    phase: 'promote-stream',
    step: () => ({}),
    has: () => false,
    call: async () => ({ changed: true, detail: 'ORDERS-MIRROR takes orders.>' }),
    facts: () => facts,
  } as unknown as Acting;
}

const work = (facts: Facts | null) =>
  (promoteStream.does as (acting: Acting, component: WiredComponent) => Promise<string>)(actingWith(facts), stream);

test('the phase that promotes a mirror names the consumers that it lacks, as they were last seen', async () => {
  const consumers = [{ name: 'billing', acknowledged: 80 }];
  const seenAt = '2026-06-10T10:00:00.000Z';
  const source: StreamFacts = {
    ...{ name: 'ORDERS', source: true, firstSequence: 1, lastSequence: 100, deleted: 0 },
    ...{ consumers, seenAt },
  };
  const events: ComponentFacts = {
    ...{ component: 'events', kind: 'stream', region: 'us-east-1', health: 'failing', detail: '' },
    stream: source,
  };
  const facts = { from: 'us-east-1', to: 'eu-central-1', components: [events] } as unknown as Facts;
  expect(await work(facts)).toMatch(/^ORDERS-MIRROR takes orders\.>; durable consumers of ORDERS .*billing/);
  expect(await work(null)).toBe('ORDERS-MIRROR takes orders.>');
});
