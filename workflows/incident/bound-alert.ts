import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { boundText, jsonBytes } from '../../plan/bounded.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { type Alert, SOURCES } from '../incident-messages.ts';

/** Bytes of JSON. What senders write becomes workflow history, which has limits of its own. */
const MAX = { name: 256, summary: 1_024, labelName: 128, label: 256, labels: 2_048 };

/** Characters of a fingerprint; Alertmanager's have 16. */
const FINGERPRINT = 32;

/**
 * An alert within bounds. Labels that the plan's alert rules match on are kept first, and then as many as there is room
 * for; a fingerprint that is too long becomes its hash, so that the same alert stays the same.
 */
export function boundAlert(alert: Alert, { alerts }: Pick<RecoveryPlan, 'alerts'>): Alert {
  return {
    ...alert,
    fingerprint: boundFingerprint(alert.fingerprint),
    name: boundText(alert.name, MAX.name),
    summary: boundText(alert.summary, MAX.summary),
    labels: boundLabels(alert.labels, new Set(['system', ...alerts.flatMap((rule) => Object.keys(rule.labels))])),
  };
}

function boundFingerprint(fingerprint: string): string {
  if (jsonBytes(fingerprint) <= FINGERPRINT + 2) return fingerprint;
  return bytesToHex(sha256(utf8ToBytes(fingerprint))).slice(0, FINGERPRINT);
}

function boundLabels(labels: Record<string, string>, first: ReadonlySet<string>): Record<string, string> {
  const sorted = Object.entries(labels).sort(([a], [b]) => Number(first.has(b)) - Number(first.has(a)));
  let room = MAX.labels;
  return Object.fromEntries(
    sorted.flatMap(([name, value]) => {
      if (!first.has(name) && jsonBytes(name) > MAX.labelName) return [];
      const bounded = boundText(value, MAX.label);
      room -= jsonBytes(name) + jsonBytes(bounded);
      return room >= 0 || first.has(name) ? [[name, bounded]] : [];
    }),
  );
}

const Time = z.iso.datetime({ precision: 3 });

/** An alert as the gateway makes them. */
const Received: z.ZodType<Alert> = z.object({
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  summary: z.string(),
  startsAt: Time,
  receivedAt: Time,
  source: z.enum(SOURCES),
  leftOut: z.number().int().positive().exactOptional(),
});

/**
 * The alerts of a signal, within bounds. Whoever may signal could send anything: what is no alert is left out, since an
 * error here would stop the incident.
 */
export function readAlerts(sent: unknown, plan: Pick<RecoveryPlan, 'alerts'>): Alert[] {
  const all = Array.isArray(sent) ? sent.map((each) => Received.safeParse(each)) : [];
  return all.flatMap(({ data }) => (data === undefined ? [] : [boundAlert(data, plan)]));
}
