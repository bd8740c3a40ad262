import { combineFacts } from '../../../plan/combine-facts.ts';
import type { RegionFacts, VantageFacts } from '../../../plan/facts.ts';
import { type NotReplicated, notReplicatedRemarks, notReplicatedText } from '../../../plan/not-replicated.ts';

const none: NotReplicated = { logicalSlots: [], preparedTransactions: [], unloggedTables: [] };
const some: NotReplicated = {
  logicalSlots: [{ name: 'cdc', plugin: 'pgoutput', database: 'teei', confirmed: '0/3000148' }],
  preparedTransactions: [{ gid: 'order-1', owner: 'application' }],
  unloggedTables: ['carts'],
};

function facts(live: NotReplicated | null, written: NotReplicated | null, holder = 'us-east-1') {
  const unseen = { timeline: null, walPosition: null, replayAgeSeconds: null, remarks: [], serviceReachable: false };
  const region: RegionFacts = {
    ...unseen,
    region: 'us-east-1',
    databaseReachable: live !== null,
    databaseRole: live === null ? null : 'primary',
    notReplicated: live,
  };
  const at = '2026-06-10T10:00:00.000Z';
  const lease = { holder, renewedAt: at, expiresAt: at, walPosition: null, notReplicated: written };
  const vantage: VantageFacts = { vantage: 'c', observedAt: at, regions: [region], servingRegions: [], lease };
  return combineFacts([vantage], 'us-east-1', 'eu-central-1');
}

test('each kind is one sentence with its remedy, and nothing is said of none', () => {
  expect(notReplicatedText(some, 'us-east-1', 'eu-central-1')).toEqual([
    'logical slots of us-east-1 are not in eu-central-1, and their consumers miss changes: cdc (pgoutput, database ' +
      'teei, confirmed up to 0/3000148). Create each in eu-central-1 and take a new snapshot from there',
    'transactions prepared in us-east-1 are in doubt and keep their locks in eu-central-1: "order-1" of application. ' +
      'End each with "commit prepared" or "rollback prepared"',
    'unlogged tables are empty in eu-central-1: carts',
  ]);
  expect(notReplicatedText(none, 'a', 'b')).toEqual([]);
});

test('a primary that answers is believed before its lease, which is what is left of a dead one', () => {
  expect(notReplicatedRemarks(facts(none, some))).toEqual([]);
  expect(notReplicatedRemarks(facts(null, some))).toHaveLength(3);
  expect(notReplicatedRemarks(facts(null, null))).toEqual([]);
});

test('the lease of another holder says nothing of the region', () => {
  expect(notReplicatedRemarks(facts(null, some, 'eu-central-1'))).toEqual([]);
});
