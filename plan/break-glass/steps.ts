import type { WiredComponent } from '../recovery-plan.ts';
import type { Phase } from '../schema.ts';
import type { ProviderName, Wiring } from '../wiring/index.ts';
import type { ByHand, HandStep, Instruction } from './instruction.ts';
import { BY_HAND } from './providers.ts';
import type { Recorded, Standing } from './standing.ts';

/** What a person does in place of a phase. */
export function instructionsFor(standing: Standing, phase: Phase): Instruction[] {
  if (phase.components.length === 0) return ofTheSystem(standing, phase);
  return phase.components.flatMap((name) =>
    carefully(name, () => {
      const component = componentOf(standing, name);
      const act = byHand(component).actions[phase.action];
      if (act === undefined) throw new Error(`no instructions for ${phase.action} with ${component.provider}`);
      return act(handStep(standing, component, standing));
    }),
  );
}

/** What a person does to put back what was recorded. */
export function instructionsBack(standing: Standing, recorded: Recorded): Instruction[] {
  return carefully(recorded.component, () => {
    const component = componentOf(standing, recorded.component);
    const { putBack } = byHand(component);
    if (putBack === undefined) return [{ say: `Nothing has to be put back: ${recorded.detail}.` }];
    return putBack(handStep(standing, component, recorded), recorded);
  });
}

/** Programs that the commands of these components need. */
export function toolsOf(standing: Standing): string[] {
  const components = Object.values(standing.plan.components);
  return [...new Set(['curl', ...components.flatMap((component) => byHand(component).tools)])].sort();
}

/** Names of the secrets in the wiring of components. */
export function secretsOf(standing: Standing): string[] {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key.endsWith('Secret') && typeof inner === 'string') names.add(inner);
      else collect(inner);
    }
  };
  for (const { wiring } of Object.values(standing.plan.components)) collect(wiring);
  return [...names].sort();
}

function componentOf({ plan }: Standing, name: string): WiredComponent {
  const found = plan.components[name];
  if (found === undefined) throw new Error(`the plan has no component ${name}`);
  return found;
}

/** The registry knows each provider's own types; here they are any provider's. */
const byHand = ({ provider }: WiredComponent) => BY_HAND[provider as ProviderName] as unknown as ByHand;

function handStep(standing: Standing, component: WiredComponent, { from, to }: { from: string; to: string }): HandStep {
  const { workflowId, runId, epoch, recorded } = standing;
  const { shared, regions } = component.wiring as Wiring;
  return {
    component: component.name,
    shared,
    regions,
    from,
    to,
    recorded: recorded.find((one) => one.component === component.name && one.to === to),
    recovery: { workflowId, runId, epoch },
    database: databaseOf(standing, shared),
  };
}

/** The database that a component's wiring refers to; undefined where it refers to none. */
function databaseOf({ plan }: Standing, shared: Wiring['shared']): WiredComponent | undefined {
  if ('databaseSecret' in shared) return plan.components[shared.databaseSecret.component];
  if ('entries' in shared) return plan.components[shared.database];
  return undefined;
}

/** One component that cannot be told must not cost the others their instructions. */
function carefully(component: string, tell: () => Instruction[]): Instruction[] {
  try {
    return tell().map(({ say, ...rest }) => ({ say: `\`${component}\`: ${say}`, ...rest }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ say: `\`${component}\`: there are no commands for it (${why}). What the step does is in RUNBOOK.md.` }];
  }
}

function ofTheSystem(standing: Standing, { action }: Phase): Instruction[] {
  const { from, to } = standing;
  switch (action) {
    case 'assess':
      return [
        {
          say: 'See for yourself which region serves.',
          run: [health(standing, from), health(standing, to)].join('\n'),
        },
      ];
    case 'approve':
      return [
        {
          say: `Get the decision of those who may approve, and write down who, when, and what they knew. Nothing before this point changes anything.`,
        },
      ];
    default:
      return [{ say: `Every service in ${to} must answer, and go on doing so.`, run: health(standing, to) }];
  }
}

function health({ plan: { service, services } }: Standing, region: string): string {
  const base = service.regions[region] ?? `${service.scheme}://${service.host}:${service.port}`;
  return services
    .map(
      ({ name, path }) =>
        `curl --silent --show-error --fail --max-time 5 --output /dev/null --write-out '${name} %{http_code}\\n' '${base}${path}'`,
    )
    .join('\n');
}
