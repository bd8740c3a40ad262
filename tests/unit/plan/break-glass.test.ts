import { ACTIONS } from '../../../plan/actions/index.ts';
import { BY_HAND } from '../../../plan/break-glass/providers.ts';
import { renderBreakGlass } from '../../../plan/break-glass/render.ts';
import { quoted } from '../../../plan/break-glass/shell.ts';
import type { Standing } from '../../../plan/break-glass/standing.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Scenario, ScenarioName } from '../../../plan/schema.ts';
import { PROVIDERS, type ProviderName } from '../../../plan/wiring/index.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';

const plan = await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab' });
const FROM = 'us-east-1';
const TO = 'eu-central-1';

type PhaseStanding = Standing['phases'][number];

/** A recovery of which the named phases stand otherwise than waiting. */
function standing(
  phases: Record<string, Partial<PhaseStanding>> = {},
  change: Partial<Standing> = {},
  scenario: ScenarioName = 'region-failover',
): Standing {
  const { phases: planned, title } = plan.scenarios[scenario] as Scenario;
  return {
    asOf: '2026-11-21T03:00:00.000Z',
    plan,
    approvers: plan.approvers,
    ...{ workflowId: 'recovery/teei-csr', runId: 'run-1', epoch: 1_795_000_000_000 },
    ...{ scenario, title, from: FROM, to: TO, state: 'running', summary: 'under way', ended: false },
    goingBack: null,
    pointOfNoReturnPassed: false,
    planned,
    phases: planned.map(({ name }) => ({
      ...{ name, state: 'waiting', attempts: 0, startedAt: null, finishedAt: null, actualSeconds: null, detail: '' },
      ...phases[name],
    })),
    gates: [],
    recorded: [],
    ...change,
  };
}

const done = (detail = 'done') => ({ state: 'done', attempts: 1, detail, actualSeconds: 1 });
const headings = (text: string) => [...text.matchAll(/^### \d+\. `([\w-]+)`/gm)].map(([, name]) => name);
const section = (text: string, heading: string) => text.split(/^##+ /m).find((part) => part.includes(heading)) ?? '';

const replicas = (replicas: number) => ({
  key: 'workloads',
  component: 'workloads',
  ...{ from: FROM, to: TO, detail: `api at ${replicas}` },
  state: {
    deployments: [{ name: 'api', replicas, database: null }],
    autoscalers: [{ name: 'load', deployment: 'api', minReplicas: null, maxReplicas: 4 }],
    location: { host: '127.0.0.10', port: '5432' },
  },
});

const moved = {
  key: 'dns',
  component: 'dns',
  ...{ from: FROM, to: TO, detail: 'api.teei.test A 192.0.2.7' },
  state: { records: [{ name: 'api.teei.test', type: 'A', ttlSeconds: 30, values: ['192.0.2.7'] }] },
};

test('says when it was written, for which run, and what stands', () => {
  const text = renderBreakGlass(standing({ assess: done('us-east-1 is gone') }));
  expect(text).toContain('As of 2026-11-21T03:00:00.000Z');
  expect(text).toContain('`recovery/teei-csr`, run `run-1`');
  expect(section(text, 'What has been done')).toMatch(/`assess` \| done .* us-east-1 is gone/);
});

test('has exactly what remains, each after what it needs', () => {
  const finished = Object.fromEntries(['assess', 'approve', 'scale-up'].map((name) => [name, done()]));
  const names = headings(renderBreakGlass(standing({ ...finished, 'promote-database': { state: 'paused' } })));
  const { phases } = plan.scenarios['region-failover'] as Scenario;
  expect(names.toSorted()).toEqual(
    phases
      .map(({ name }) => name)
      .filter((name) => !(name in finished))
      .toSorted(),
  );
  for (const { name, needs } of phases.filter((phase) => names.includes(phase.name))) {
    for (const need of needs.filter((one) => names.includes(one)))
      expect(names.indexOf(need)).toBeLessThan(names.indexOf(name));
  }
});

test('a phase that was running may be done; one that was paused says why', () => {
  const text = renderBreakGlass(
    standing({
      'scale-up': { state: 'running', attempts: 1, startedAt: '2026-11-21T02:59:00.000Z' },
      'promote-stream': { state: 'paused', attempts: 2, detail: 'NotReached: NATS does not answer' },
    }),
  );
  expect(section(text, '`scale-up`: ')).toMatch(/Was running\*\* since 2026-11-21T02:59:00.000Z, attempt 1/);
  expect(section(text, '`promote-stream`: ')).toMatch(/Was paused\*\* after 2 attempt\(s\): NotReached: NATS does not/);
});

test('the fence comes before the promotion, with the wait of the lease in between', () => {
  const text = section(renderBreakGlass(standing()), 'Fence the old primary and promote');
  const at = (part: RegExp) => text.search(part);
  expect(text).toContain('Point of no return');
  expect(at(/s3api put-object/)).toBeGreaterThan(0);
  // 4 s of ttl and 0.5 s of clocks, and never less.
  expect(at(/sleep 6/)).toBeGreaterThan(at(/s3api put-object/));
  expect(at(/Prove it/)).toBeGreaterThan(at(/sleep 6/));
  expect(at(/pg_promote/)).toBeGreaterThan(at(/Prove it/));
});

test('names what was recorded before, or else what the plan says of the region that is left', () => {
  const guessed = section(renderBreakGlass(standing()), 'Move the names');
  expect(guessed).toContain('`api.teei.test` A 127.0.0.10 (by the plan) → **127.0.0.20**, TTL 1 s');
  const known = section(renderBreakGlass(standing({}, { recorded: [moved] })), 'Move the names');
  expect(known).toContain('`api.teei.test` A 192.0.2.7 → **127.0.0.20**');
});

test('going back puts back what was recorded, newest first; databases first once one is promoted', () => {
  const primary = {
    key: 'database',
    component: 'database',
    from: FROM,
    to: TO,
    detail: `${FROM} is the primary`,
    state: null,
  };
  const recorded = [primary, replicas(2), moved];
  const back = (change: Partial<Standing>) => {
    const text = renderBreakGlass(standing({}, { recorded, ...change }));
    return { text, keys: [...text.matchAll(/^### Back \d+\. `([\w-]+)`/gm)].map(([, key]) => key) };
  };
  const before = back({});
  expect(before.keys).toEqual(['dns', 'workloads', 'database']);
  expect(section(before.text, 'Back 1.')).toContain('"Value":"192.0.2.7"');
  expect(section(before.text, 'Back 2.')).toContain('"replicas":2');
  expect(back({ pointOfNoReturnPassed: true }).keys).toEqual(['database', 'dns', 'workloads']);
});

test('an autoscaler that was recorded is raised before its deployment, and put back before it', () => {
  const text = renderBreakGlass(standing({}, { recorded: [replicas(2)] }));
  const scaled = section(text, '`scale-up`: ');
  const raised = scaled.indexOf('{"spec":{"minReplicas":6,"maxReplicas":6}}');
  expect(raised).toBeGreaterThan(0);
  expect(scaled.indexOf('--replicas 6')).toBeGreaterThan(raised);
  const back = section(text, 'Back 1.');
  expect(back.indexOf('{"spec":{"minReplicas":null,"maxReplicas":4}}')).toBeGreaterThan(0);
  expect(back.indexOf('"replicas":2')).toBeGreaterThan(back.indexOf('"minReplicas":null'));
});

test('a recovery that goes back has only that left, without what is put back', () => {
  const base = standing({}, { recorded: [replicas(2), moved], goingBack: 'abort ordered', state: 'rolling-back' });
  const text = renderBreakGlass({
    ...base,
    phases: [...base.phases, { ...(base.phases[0] as PhaseStanding), name: 'rollback-dns', state: 'done' }],
  });
  expect(headings(text)).toEqual([]);
  expect(section(text, 'What remains of going back')).toContain('abort ordered');
  expect(text).toContain('### Back 1. `workloads`');
  expect(text).not.toContain('### Back 2.');
});

test('an open gate says who is wanted, by name, and that it binds people as well', () => {
  const gate = {
    ...{ name: 'approve', action: 'region-failover', question: 'Fail over?', requiredRoles: ['on-call-sre', 'cfo'] },
    ...{ openedAt: '2026-11-21T02:59:00.000Z', expiresAt: '2026-11-21T03:29:00.000Z' },
    given: [],
    answers: { approve: 'it starts', reject: 'it ends as refused' },
  };
  const text = section(renderBreakGlass(standing({}, { gates: [gate] })), 'A decision is open');
  expect(text).toContain('`on-call-sre`: wanted; sre@lab.test');
  expect(text).toContain('`cfo`: wanted; nobody has this role');
  expect(text).toContain('do not go on by hand either');
});

test('one that has ended has nothing to follow', () => {
  const text = renderBreakGlass(standing({}, { ended: true, state: 'recovered', summary: 'it serves' }));
  expect(text).toContain('This recovery has ended: recovered');
  expect(text).not.toContain('```');
});

test('names secrets and never says one', () => {
  const text = renderBreakGlass(standing());
  expect(text).toContain('`teei-csr/postgres`');
  expect(text).toContain('$(cat "$SECRETS/teei-csr/postgres")');
  expect(text).toContain('--kubeconfig "$SECRETS/teei-csr/kubernetes-eu-central-1"');
});

test('one component that cannot be told does not cost the others their commands', () => {
  const broken = { ...plan, components: { ...plan.components } } as RecoveryPlan;
  broken.components['dns'] = { ...plan.components['dns'], wiring: { shared: {}, regions: {} } } as never;
  const text = renderBreakGlass(standing({}, { plan: broken }));
  expect(section(text, 'Move the names')).toContain('`dns`: there are no commands for it');
  expect(section(text, 'Move the names')).toContain('www.teei-edge.test');
});

test.each(['switchover', 'failback'] as const)('every step of a %s has commands', (scenario) => {
  const text = renderBreakGlass(standing({}, {}, scenario));
  expect(text).not.toContain('there are no commands for it');
});

/** Of every kind of component that an action is for, each provider must know the action. */
test.each(Object.entries(PROVIDERS))('%s has commands for every action of its kind', (name, { kind }) => {
  const actions = Object.entries(ACTIONS).filter(([, action]) => action?.kinds.some((acted) => acted === kind));
  expect(Object.keys(BY_HAND[name as ProviderName].actions).toSorted()).toEqual(
    actions.map(([action]) => action).toSorted(),
  );
});

test('words are quoted for the shell', () => {
  expect([quoted('a.b:1/c'), quoted('two words'), quoted("it's"), quoted("$x's")]).toEqual([
    'a.b:1/c',
    "'two words'",
    `"it's"`,
    `'$x'\\''s'`,
  ]);
});
