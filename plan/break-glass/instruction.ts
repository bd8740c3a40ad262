import type { WiredComponent } from '../recovery-plan.ts';
import type { ProviderName, Wiring } from '../wiring/index.ts';
import type { Recorded } from './standing.ts';

/** One thing that a person does: why, and what to type. */
export interface Instruction {
  /** Markdown. */
  say: string;
  /** Shell for bash; empty where there is nothing to type. */
  run?: string;
}

/** A step that a person takes in Lifeboat's place, on a component of one provider. */
export interface HandStep<P extends ProviderName = ProviderName> {
  component: string;
  shared: Wiring<P>['shared'];
  from: string;
  to: string;
  /** The wiring of each region. */
  regions: Wiring<P>['regions'];
  /** What was there before; undefined while it is not recorded. */
  recorded: Recorded | undefined;
  /** The recovery in whose place the person acts. */
  recovery: { workflowId: string; runId: string; epoch: number };
  /** The database that the component refers to, where it does. */
  database: WiredComponent | undefined;
}

/** How people do a provider's steps with the vendor's own tools. Pure; secrets are files below `$SECRETS`. */
export interface ByHand<P extends ProviderName = ProviderName> {
  /** Programs that the commands need. */
  tools: readonly string[];
  actions: Readonly<Record<string, (step: HandStep<P>) => Instruction[]>>;
  /** Puts back what was recorded; absent where nothing is. */
  putBack?: (step: HandStep<P>, recorded: Recorded) => Instruction[];
}

/** The wiring of one region of the step. */
export function wiredIn<P extends ProviderName>(step: HandStep<P>, region: string): Wiring<P>['regions'][string] {
  const found = step.regions[region];
  if (found === undefined) throw new Error(`${step.component} is not wired in ${region}`);
  return found;
}
