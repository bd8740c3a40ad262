import { createHash } from 'node:crypto';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Alert } from '../../workflows/incident-messages.ts';

/** Bytes of UTF-8. What senders write becomes workflow history, which has limits of its own. */
const MAX = { name: 256, fingerprint: 256, summary: 1_024, labelName: 128, label: 256, labels: 4_096 };

const ELLIPSIS = '…';

/** At most so many bytes of UTF-8, cut between two characters, with a sign that something is missing. */
export function boundText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = '';
  let bytes = Buffer.byteLength(ELLIPSIS);
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return `${kept}${ELLIPSIS}`;
}

/**
 * An alert within bounds. Labels that the plan's alert rules match on are kept first, and then as many as there is room
 * for; a fingerprint that is too long becomes its hash, so that the same alert stays the same.
 */
export function boundAlert(alert: Alert, { alerts }: Pick<RecoveryPlan, 'alerts'>): Alert {
  const { fingerprint } = alert;
  const long = Buffer.byteLength(fingerprint) > MAX.fingerprint;
  return {
    ...alert,
    fingerprint: long ? createHash('sha256').update(fingerprint).digest('hex') : fingerprint,
    name: boundText(alert.name, MAX.name),
    summary: boundText(alert.summary, MAX.summary),
    labels: boundLabels(alert.labels, new Set(['system', ...alerts.flatMap((rule) => Object.keys(rule.labels))])),
  };
}

function boundLabels(labels: Record<string, string>, first: ReadonlySet<string>): Record<string, string> {
  const sorted = Object.entries(labels).sort(([a], [b]) => Number(first.has(b)) - Number(first.has(a)));
  let room = MAX.labels;
  return Object.fromEntries(
    sorted.flatMap(([name, value]) => {
      if (Buffer.byteLength(name) > MAX.labelName) return [];
      const bounded = boundText(value, MAX.label);
      room -= Buffer.byteLength(name) + Buffer.byteLength(bounded);
      return room >= 0 || first.has(name) ? [[name, bounded]] : [];
    }),
  );
}
