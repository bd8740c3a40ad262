import { createHash } from 'node:crypto';
import type { Plan } from '../plan/schema.ts';
import { StarterError } from './errors.ts';

/** A test alert: one of those that the plan takes as its own. */
export interface TestAlert {
  system: string;
  rules: Plan['alerts'];
  /** Its label `alertname`; that of the plan's first rule when absent. */
  name?: string | undefined;
  resolved: boolean;
  summary: string;
  now: Date;
}

/** The body that Alertmanager would post for it; the same labels always have the same fingerprint. */
export function alertBody({ system, rules, name, resolved, summary, now }: TestAlert): object {
  const known = rules.map(({ labels }) => labels['alertname'] ?? '');
  const rule = name === undefined ? rules[0] : rules.find(({ labels }) => labels['alertname'] === name);
  if (rule === undefined) {
    throw new StarterError('usage', `the plan of ${system} takes no alert "${name}"; it takes ${known.join(', ')}`);
  }
  const labels = { ...rule.labels, system };
  const fingerprint = createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16);
  const status = resolved ? 'resolved' : 'firing';
  const alert = { status, labels, annotations: { summary }, startsAt: now.toISOString(), fingerprint };
  return { version: '4', status, alerts: [alert] };
}

/** What the gateway made of it, counted. */
export type Handed = Record<'accepted' | 'repeated' | 'unmatched' | 'forbidden', number>;

/** Posts it to the gateway as Alertmanager does. */
export async function postAlert(gateway: string, token: string, body: object, timeoutMs: number): Promise<Handed> {
  const url = new URL('/webhooks/alertmanager', gateway);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause) => {
    throw new StarterError('unreachable', `the gateway at ${url.origin} does not answer`, cause);
  });
  const said = (await answer.json().catch(() => ({}))) as Handed & { error?: string };
  if (answer.ok) return said;
  const kind = answer.status === 503 ? 'unreachable' : 'refused';
  throw new StarterError(kind, `the gateway answers ${answer.status}: ${said.error ?? 'and says no more'}`);
}
