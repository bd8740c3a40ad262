import type { V1Secret } from '@kubernetes/client-node';
import type { Step, StepWithDatabase } from '../../contract.ts';
import { refusal } from '../../fault.ts';
import { wiringOf } from '../../provider.ts';

/** Where the workloads find their database, in plain text; null where the Secret has no such key. */
export interface Location {
  host: string | null;
  port: string | null;
}

/** The database's own place in the step's `to`. */
export function locationOf({ database, to }: StepWithDatabase): Location {
  const { region } = wiringOf(database, to);
  if ('host' in region && 'port' in region) return { host: region.host, port: String(region.port) };
  throw refusal('WiringInvalid', `${database.name} has no host and port in ${to} that workloads could be pointed at`);
}

/** What the Secret says. */
export function locationIn(secret: V1Secret, step: Step): Location {
  const { hostKey, portKey } = keysOf(step);
  return { host: decoded(secret.data?.[hostKey]), port: decoded(secret.data?.[portKey]) };
}

/** Data that makes the Secret say a location and leaves its other keys alone; null takes a key away. */
export function dataFor({ host, port }: Location, step: Step): Record<string, string | null> {
  const { hostKey, portKey } = keysOf(step);
  return { [hostKey]: encoded(host), [portKey]: encoded(port) };
}

/** `host:port`, which also tells two locations apart. */
export function textOf({ host, port }: Location): string {
  return `${host ?? '(no host)'}:${port ?? '(no port)'}`;
}

function keysOf(step: Step) {
  return wiringOf<'kubernetes'>(step.component, step.to).shared.databaseSecret;
}

function decoded(base64: string | undefined): string | null {
  return base64 === undefined ? null : Buffer.from(base64, 'base64').toString('utf8');
}

function encoded(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, 'utf8').toString('base64');
}
