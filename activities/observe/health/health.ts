import type { Health, StreamFacts } from '../../../plan/facts.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Deps } from '../../deps.ts';

/** How a component is, and one readable sentence when something is odd. */
export interface Looked {
  health: Health;
  detail: string;
  stream?: StreamFacts;
}

/** Looks at a component in a region. May throw: what is thrown says that it does not answer. */
export type HealthLook = (component: WiredComponent, region: string, deps: Deps) => Promise<Looked>;

/** Looks at a component that both regions share. */
export type SharedLook = (component: WiredComponent) => Promise<Looked>;

/** How long one look may take; a region that is gone must not hold up what is seen of the other. */
export const LOOK_MS = 1_500;

export const healthy: Looked = { health: 'healthy', detail: '' };
