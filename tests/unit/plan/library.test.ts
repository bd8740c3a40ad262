import { parse, stringify } from 'yaml';
import { planProblems } from '../../../plan/check.ts';
import { type Library, readLibrary } from '../../../plan/library.ts';
import { parsePlan } from '../../../plan/load.ts';
import { problemText } from '../../../plan/problem.ts';
import { library } from '../../../starter/library.ts';
import { fixtureText } from '../../support/plan/fixtures.ts';

const written = parse(fixtureText('plan.yaml'));

/** The plan of the fixtures with one scenario, which is written so. */
function planWith(scenario: object, change: (plan: typeof written) => void = () => {}, from: Library = library()) {
  const plan = structuredClone({ ...written, scenarios: { 'region-failover': scenario } });
  change(plan);
  return parsePlan(stringify(plan), 'plan.yaml', from);
}

function phasesOf(...args: Parameters<typeof planWith>) {
  const { problems, value } = planWith(...args) as Exclude<ReturnType<typeof planWith>, { problems: object }>;
  if (problems !== undefined) throw new Error(JSON.stringify(problems));
  return value.scenarios['region-failover']?.phases ?? [];
}

test('a plan that extends a scenario has its phases, each with the components of its kinds', () => {
  const phases = phasesOf({ extends: 'region-failover' });
  const names = (action: string) => phases.find((phase) => phase.action === action)?.components;
  expect(names('promote-database')).toEqual(['database']);
  expect(names('assess')).toEqual([]);
  const ofKind = (kind: string) =>
    Object.entries(written.components as Record<string, { kind: string }>).flatMap(([name, component]) =>
      component.kind === kind ? [name] : [],
    );
  expect(names('cut-over-dns')).toEqual(ofKind('dns'));
});

test("what the plan says of a phase or of the whole counts, and all else is the library's", () => {
  const extended = {
    extends: 'region-failover',
    watch: '30s',
    phases: { 'promote-database': { budget: '90s', title: 'Promote' } },
  };
  const { value } = planWith(extended) as { value: { scenarios: Record<string, object> } };
  expect(value.scenarios['region-failover']).toMatchObject({ watch: '30s', refuseDataLossOver: '5m' });
  const [usual, changed] = [phasesOf({ extends: 'region-failover' }), phasesOf(extended)];
  const differs = changed.filter((phase, index) => JSON.stringify(phase) !== JSON.stringify(usual[index]));
  expect(differs).toEqual([
    { ...usual.find(({ name }) => name === 'promote-database'), budget: '90s', title: 'Promote' },
  ]);
});

test('phases for which the plan has no component are left out, and who needs them needs what they needed', () => {
  const phases = phasesOf({ extends: 'region-failover' }, (plan) => {
    for (const [name, { kind }] of Object.entries(plan.components as Record<string, { kind: string }>)) {
      if (kind === 'load-balancer' || kind === 'cdn') delete plan.components[name];
    }
  });
  const needs = (name: string) => phases.find((phase) => phase.name === name)?.needs;
  expect(needs('register-targets')).toBeUndefined();
  expect(needs('cut-over-dns')).toContain('repoint');
  expect(needs('verify')).toContain('cut-over-dns');
});

test('a switchover is a failback without the rebuilding of a standby that is one', () => {
  const [failback, switchover] = [library()['failback'], library()['switchover']];
  const names = (phases: { name: string }[] = []) => phases.map(({ name }) => name);
  expect(names(switchover?.phases)).toEqual(names(failback?.phases).filter((name) => name !== 'rebuild-standby'));
  const handOver = switchover?.phases.find(({ name }) => name === 'hand-over');
  expect(handOver?.needs).toEqual(['mirror-stream', 'scale-up']);
});

test('the plan of every scenario of the library is without a problem', () => {
  for (const name of Object.keys(library())) {
    const plan = { ...written, scenarios: { [name]: { extends: name, rollback: {} } } };
    const said = planProblems(parsePlan(stringify(plan), 'plan.yaml', library())).map(problemText);
    expect(said.filter((problem) => problem.includes(`scenarios.${name}`))).toEqual([]);
  }
});

test('what does not fit the library is said at its line, all at once', () => {
  const { problems = [] } = planWith({ extends: 'region-failover', leaveOut: ['asess'], phases: { verifi: {} } });
  expect(problems.map(problemText)).toEqual([
    expect.stringMatching(
      /leaveOut\[0\]: "region-failover" of the library has no phase "asess" \(did you mean "assess"\?\)/,
    ),
    expect.stringMatching(
      /phases\.verifi: "region-failover" of the library has no phase "verifi" \(did you mean "verify"\?\)/,
    ),
  ]);
  const odd = planWith({ extends: 'region-failover', wach: '3s' });
  expect(odd.problems?.map(problemText)).toEqual([
    expect.stringMatching(/unknown key "wach" \(did you mean "watch"\?\)/),
  ]);
  const unknown = planWith({ extends: 'region-failovr' });
  expect(unknown.problems?.map(problemText)).toEqual([
    expect.stringMatching(/extends: the library has no scenario "region-failovr" \(did you mean "region-failover"\?\)/),
  ]);
});

test('a library that extends itself is refused', () => {
  expect(() => readLibrary({ a: 'extends: b', b: 'extends: a' })).toThrow('extends "a"');
  expect(() => readLibrary({ a: 'extends: b' })).toThrow('extends "b"');
});
