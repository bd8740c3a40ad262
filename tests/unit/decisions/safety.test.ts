import fc from 'fast-check';
import { changes } from '../../../plan/decide/verdict.ts';
import { Plan } from '../../../plan/schema.ts';
import { type Case, lastVerdict } from '../../support/decisions/case.ts';
import { fixtures } from '../../support/plan/fixtures.ts';

/** What no plan can change, whatever is seen and in whatever order. */
const rules = {
  ...fixtures().plan.decisions,
  rules: Plan.shape.decisions.parse({
    rules: [
      { name: 'database-lost', when: 'database-failing', action: 'database-failover' },
      { name: 'region-lost', when: 'region-unreachable', action: 'region-failover' },
      { name: 'cache-lost', when: 'component-failing', action: 'component-failover' },
    ],
  }).rules,
  maintenance: [],
};

const tri = fc.constantFrom(true, false, null);
const health = fc.constantFrom('healthy', 'degraded', 'failing', 'unknown') as fc.Arbitrary<'healthy'>;
const components = fc.record({ analytics: health, events: health, cache: health, workloads: health });
const look = fc.record({
  primary: fc.record({ serviceReachable: tri, databaseReachable: tri }),
  standby: fc.record({ databaseReachable: tri, replayAgeSeconds: fc.constantFrom(0, 5, 4_000, null) }),
  components,
  standbyComponents: components,
  shared: fc.record({ dns: health, cdn: health }),
  measures: fc.record({ dataCorrupted: tri }),
});
const looks = fc
  .array(look, { minLength: 1, maxLength: 12 })
  .map((all) => all.map((each, index) => ({ at: `10:${String(index).padStart(2, '0')}`, ...each })));

const judge = (written: Case['looks']) => lastVerdict({ about: '', plan: '', looks: written }, rules);

test('a look in which nothing is known never leads to a change, whatever was seen before', () => {
  const blind = { at: '10:30', primary: 'unknown' as const, standby: 'unknown' as const };
  fc.assert(fc.property(looks, (all) => !changes(judge([...all, blind]).action)));
});

test('a region that anybody reaches is never failed over, and neither is corrupt data', () => {
  fc.assert(
    fc.property(looks, (all) => {
      const { primary, measures } = all.at(-1) as (typeof all)[number];
      const { action } = judge(all);
      if (primary.serviceReachable || primary.databaseReachable) expect(action).not.toBe('region-failover');
      if (measures.dataCorrupted) expect(['region-failover', 'database-failover']).not.toContain(action);
    }),
  );
});

test('what both regions share is never failed over, and people are told why', () => {
  const { action, reason } = judge([{ at: '10:00', shared: { cdn: 'failing' } }]);
  expect([action, reason]).toEqual(['ask-human', expect.stringContaining('both regions share it: mend it')]);
  fc.assert(
    fc.property(looks, (all) => {
      const { action, component } = judge(all);
      if (action === 'component-failover') expect(['dns', 'edge-dns', 'cdn']).not.toContain(component);
    }),
  );
});

test('nothing is promoted but a database that is known to be a standby', () => {
  const noStandby = { standby: { databaseReachable: null, databaseRole: null } };
  fc.assert(
    fc.property(looks, (all) => {
      const last = all.at(-1) as (typeof all)[number];
      const { action } = judge([...all, { ...last, ...noStandby, at: '10:20' }]);
      expect(['region-failover', 'database-failover']).not.toContain(action);
    }),
  );
});

test('nothing moves, and nothing is said to be well, while both databases answer and neither takes writes', () => {
  const answers = { serviceReachable: true, databaseReachable: true, databaseRole: 'standby' as const };
  const leases = fc.constantFrom({}, { lease: 'primary' as const }, { lease: 'standby' as const });
  fc.assert(
    fc.property(looks, leases, (all, lease) => {
      const { action } = judge([...all, { at: '10:20', primary: answers, standby: answers, ...lease }]);
      expect(action).toBe('ask-human');
    }),
  );
});

test.each([
  ['corrupt data', { dataCorrupted: true }],
  ['errors that customers see', { customerErrorsPercent: 20 }],
])('%s without a rule for it is put to the approvers, never called nothing', (_, measures) => {
  const last = { at: '10:30', measures };
  fc.assert(fc.property(looks, (all) => judge([...all, last]).action !== 'none'));
  expect(judge([last])).toMatchObject({ action: 'ask-human', rule: 'no-rule' });
});
