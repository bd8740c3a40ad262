import { type Findings, finding, own } from '../finding.ts';
import { findCycle } from '../graph.ts';
import type { Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';
import { PROVIDERS } from '../wiring/index.ts';

/** Providers are known and of the component's kind; dependencies exist and have no cycle; there is one database at most. */
export function* checkComponents({ components }: Plan): Findings {
  const names = Object.keys(components);
  const [first, ...more] = names.filter((name) => components[name]?.kind === 'database');
  for (const name of more) {
    const message = `a second database beside "${first}": only one is judged, fenced and measured`;
    yield finding(['components', name, 'kind'], message, 'write a plan of its own for it');
  }
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

const providersOf = (kind: string) =>
  Object.entries(PROVIDERS).flatMap(([name, provider]) => (provider.kind === kind ? [name] : []));
