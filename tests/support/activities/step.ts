import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import type { RecoveryRef, Step } from '../../../activities/contract.ts';
import type { Deps } from '../../../activities/deps.ts';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import { PROVIDERS, type ProviderName, type Wiring, wiringSchema } from '../../../plan/wiring/index.ts';
import { SYSTEM } from '../lab/shape.ts';

export const FROM = 'us-east-1';
export const TO = 'eu-central-1';

/** What activities are given; the folder holds secrets, where a verb needs any. */
export function depsOf(secretsFolder = '/nowhere'): Deps {
  return { log: pino({ enabled: false }), secrets: secretsFromFolder(secretsFolder) };
}

/** A recovery; later ones have larger epochs. */
export function recoveryRef(epoch = Date.now()): RecoveryRef {
  return { workflowId: `recovery/${SYSTEM}`, runId: `run-${epoch}`, epoch };
}

/** A component with the wiring that an environment would give it, parsed as loading does. */
export function wired(name: string, provider: ProviderName, wiring: object): WiredComponent {
  const parsed = wiringSchema(provider, [FROM, TO]).parse(wiring) as Wiring;
  return { name, kind: PROVIDERS[provider].kind, provider, dependsOn: [], wiring: parsed };
}

/** A step from `FROM` to `TO`. */
export function stepOf(component: WiredComponent, recovery = recoveryRef()): Step {
  return { recovery, component, from: FROM, to: TO };
}

export interface Attempt {
  info?: Partial<Info>;
  /** Cancels the activity once it has heartbeated a text with this in it. */
  cancelWhen?: string;
  /** Takes what the attempt heartbeats. */
  heartbeats?: unknown[];
}

/** Runs a verb as an activity: one attempt, with half a minute to finish. */
export function attempt<S, R>(verb: (step: S) => Promise<R>, step: S, options: Attempt = {}): Promise<R> {
  const info = { startToCloseTimeoutMs: 30_000, ...options.info };
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  environment.on('heartbeat', (details) => {
    options.heartbeats?.push(details);
    if (options.cancelWhen !== undefined && JSON.stringify(details).includes(options.cancelWhen)) environment.cancel();
  });
  return environment.run(verb, step);
}
