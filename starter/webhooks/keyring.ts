import type { Secrets } from '../../activities/secrets.ts';
import { WebhookRefused } from './refusal.ts';

/** What the bearer of a key may do: speak for these systems, or for all. */
export interface Grant {
  maySpeakFor(system: string): boolean;
}

/** A token, a signing secret or a topic's name, and what it allows. */
export interface Key {
  value: string;
  grant: Grant;
}

/**
 * The keys of a secret: one per line, so that an old and a new one are both good while they are exchanged; names of
 * systems after a key restrict it to those. Read each time, so that a rotation needs no restart. Throws
 * `WebhookRefused` when the secret is missing or holds no key.
 */
export async function keysOf(secrets: Secrets, name: string): Promise<Key[]> {
  const text = await secrets.get(name).catch(() => '');
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const keys = lines.flatMap(([value, ...systems]) => (value ? [{ value, grant: grantOf(systems) }] : []));
  if (keys.length > 0) return keys;
  throw new WebhookRefused('unconfigured', 'this gateway has no secret for webhooks of this format');
}

const grantOf = (systems: readonly string[]): Grant => ({
  maySpeakFor: (system) => systems.length === 0 || systems.includes(system),
});
