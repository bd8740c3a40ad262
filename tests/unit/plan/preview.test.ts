import { previewRecovery } from '../../../plan/preview.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { resolveRecoveryPlan } from '../../../plan/resolve.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { fixtures } from '../../support/plan/fixtures.ts';

const { plan, environment } = fixtures();
const resolved = resolveRecoveryPlan(plan, environment);
const BUSINESS_HOURS = new Date('2026-06-10T15:00:00Z');
const NIGHT = new Date('2026-06-10T03:00:00Z');

function preview(at: Date, of: RecoveryPlan = resolved) {
  const scenario = of.scenarios['region-failover'];
  if (scenario === undefined) throw new Error('the fixture has the scenario');
  return previewRecovery(of, 'region-failover', scenario, at);
}

test('phases stand in waves, with steps, inverses and the critical path', () => {
  const { waves, criticalPath } = preview(NIGHT);
  expect(waves.map((wave) => wave.map(({ name }) => name))).toEqual([
    ['assess'],
    ['approve'],
    ['promote', 'scale-up'],
    ['repoint', 'rebuild-cache'],
    ['move-names'],
    ['verify'],
  ]);
  expect(waves[2]?.[0]).toEqual({
    name: 'promote',
    action: 'promote-database',
    components: [{ name: 'database', provider: 'postgres-streaming' }],
    budgetSeconds: 60,
    onCriticalPath: true,
    steps: ['fenceDatabase', 'promoteDatabase'],
    undo: 'returnDatabase',
    pointOfNoReturn: true,
  });
  expect(criticalPath).toMatchObject({ seconds: 270, objectiveSeconds: 300 });
});

test('gates name the roles of the hour and who holds them', () => {
  expect(preview(NIGHT).gates.map(({ name }) => name)).toEqual(['approve', 'split-brain', 'failback']);
  expect(preview(NIGHT).gates[0]?.holders).toEqual({ 'on-call-sre': ['sre@example.com'] });
  expect(preview(NIGHT).authority.notify).toEqual({ roles: ['executives'], within: '30m' });
  expect(preview(BUSINESS_HOURS).gates[0]?.holders).toEqual({
    'on-call-sre': ['sre@example.com'],
    'vp-engineering': ['vp@example.com'],
  });
});

test('a database without a lease is fenced by asking people', () => {
  expect(preview(NIGHT).fences[0]?.how).toContain('s3://leases/shop/database.json');
  const bare = structuredClone(resolved);
  delete (bare.components['database']?.wiring as Wiring<'postgres-streaming'> | undefined)?.shared.lease;
  expect(preview(NIGHT, bare).fences[0]?.how).toContain('split-brain');
});
