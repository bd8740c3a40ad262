import type { WiredComponent } from '../plan/recovery-plan.ts';
import type { ProviderName, Wiring } from '../plan/wiring/index.ts';
import { refusal } from './fault.ts';

type Verb = (step: { component: WiredComponent }) => Promise<unknown>;

/**
 * The verbs of a kind of component, each handed to the provider that the step's component names.
 *
 * @param providers the kind's registry, by the provider names of plans
 * @param verbs the names of the verbs, the same for every provider
 * @throws WiringInvalid, from the verb, for a component whose provider is not in the registry
 */
export function byProvider<V extends object>(
  providers: Partial<Record<ProviderName, V>>,
  verbs: readonly (keyof V & string)[],
): V {
  const handedOver = verbs.map((verb): [string, Verb] => [
    verb,
    async (step) => (providerOf(providers, step.component)[verb] as Verb)(step),
  ]);
  return Object.fromEntries(handedOver) as V;
}

function providerOf<V>(providers: Partial<Record<string, V>>, component: WiredComponent): V {
  const known = Object.keys(providers);
  const provider = known.includes(component.provider) ? providers[component.provider] : undefined;
  if (provider !== undefined) return provider;
  throw refusal(
    'WiringInvalid',
    `${component.name}: no provider "${component.provider}" for ${component.kind}; there is ${known.join(', ')}`,
  );
}

/** A component's wiring as one provider asks for it: what all regions share, and what belongs to `region`. */
export interface Wired<P extends ProviderName> {
  shared: Wiring<P>['shared'];
  region: Wiring<P>['regions'][string];
}

/**
 * The wiring of a component in one region, in its provider's own type. Loading a plan has parsed it with that
 * provider's schema, so the type is taken here, once, at the provider's edge.
 *
 * @throws WiringInvalid when the environment does not wire the region
 */
export function wiringOf<P extends ProviderName>(component: WiredComponent, region: string): Wired<P> {
  const { shared, regions } = component.wiring as Wiring<P>;
  const own = regions[region];
  if (own === undefined) throw refusal('WiringInvalid', `${component.name} is not wired in ${region}`);
  return { shared, region: own };
}
