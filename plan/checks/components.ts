import { ACTIONS } from '../actions/index.ts';
import { type Findings, finding, own, warning } from '../finding.ts';
import { findCycle } from '../graph.ts';
import type { Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';
import { PROVIDERS } from '../wiring/index.ts';

/** Providers are known and of the component's kind; dependencies exist and have no cycle; there is one database. */
export function* checkComponents({ components }: Plan): Findings {
  const names = Object.keys(components);
  yield* checkDatabase(components);
  for (const [name, { kind, provider, dependsOn }] of Object.entries(components)) {
    const path = ['components', name];
    const serves: string | undefined = own(PROVIDERS, provider)?.kind;
    if (serves !== kind) {
      const message =
        serves === undefined
          ? `there is no provider "${provider}"`
          : `provider "${provider}" is for components of kind ${serves}, not ${kind}`;
      yield finding([...path, 'provider'], message, suggestion(provider, providersOf(kind)));
    }
    for (const [index, other] of dependsOn.entries()) {
      if (names.includes(other)) continue;
      yield finding([...path, 'dependsOn', index], `there is no component "${other}"`, suggestion(other, names));
    }
  }
  const cycle = findCycle(Object.entries(components).map(([name, { dependsOn }]) => ({ name, needs: dependsOn })));
  if (cycle !== null) {
    const path = ['components', cycle[0] ?? '', 'dependsOn'];
    yield finding(path, `components depend on each other: ${cycle.join(' -> ')}`, 'take one dependency out');
  }
}

/** The facts are the roles of one database: without one every recovery is refused, and of two only one is judged. */
function* checkDatabase(components: Plan['components']): Findings {
  const names = Object.keys(components);
  const [first, ...more] = names.filter((name) => components[name]?.kind === 'database');
  if (first === undefined) {
    const message = 'no component is a database: an assessment goes by its role, and would refuse every recovery';
    yield finding(['components'], message, 'add the database, with "kind: database"');
  }
  for (const [name, { kind, endBlockingSessions }] of Object.entries(components)) {
    if (endBlockingSessions === undefined || kind === 'database') continue;
    yield finding(['components', name, 'endBlockingSessions'], 'is for databases only', 'take it out');
  }
  for (const name of more) {
    const message = `a second database beside "${first}": only one is judged, fenced and measured`;
    yield finding(['components', name, 'kind'], message, 'write a plan of its own for it');
  }
}

/** What is declared and in no phase of a scenario, where a move can do without: its author may have forgotten it. */
export function* checkUnused({ components, scenarios }: Plan): Findings {
  for (const [name, { kind }] of Object.entries(components)) {
    if (REQUIRED_KINDS.has(kind)) continue;
    const without = Object.entries(scenarios).flatMap(([scenario, { phases }]) =>
      phases.some((phase) => phase.components.includes(name)) ? [] : [scenario],
    );
    if (without.length === 0) continue;
    yield warning(['components', name], `is in no phase of ${without.join(' and ')}`, 'add one, or take it out');
  }
}

/** Kinds of component that every scenario has to act on. */
const REQUIRED_KINDS: ReadonlySet<string> = new Set(
  Object.values(ACTIONS).flatMap((action) => (action?.needed?.by === 'move' ? action.kinds : [])),
);

const providersOf = (kind: string) =>
  Object.entries(PROVIDERS).flatMap(([name, provider]) => (provider.kind === kind ? [name] : []));
