import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { secretsFromFolder } from '../../../../activities/secrets.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { StarterError } from '../../../../starter/errors.ts';
import type { FetchText } from '../../../../starter/webhooks/fetch-text.ts';
import { buildGateway } from '../../../../starter/webhooks/gateway.ts';
import type { Incidents } from '../../../../starter/webhooks/incidents.ts';
import type { Alert } from '../../../../workflows/incident-messages.ts';
import { labPlan } from '../plans.ts';
import type { Sender, Sent } from './senders.ts';

/** A gateway with secrets of its own that takes note of what it would hand to Temporal. */
export interface Harness {
  app: FastifyInstance;
  plan: RecoveryPlan;
  raised: Alert[];
  logged: string[];
  /** `down` makes Temporal refuse until told otherwise; `withinMs` is how long it was given the last time. */
  temporal: { down: boolean; withinMs: number | null };
  secret(name: string, ...lines: string[]): void;
  noSecret(name: string): void;
  post(sent: Sent): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** Read once: hundreds of tests want it. */
let labPlanOnce: Promise<RecoveryPlan> | undefined;

export async function harness(senders: readonly Sender[], fetchText: FetchText): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-gateway-'));
  labPlanOnce ??= labPlan();
  const loaded = await labPlanOnce;
  const bySource = { labels: { source: 'pagerduty', service: 'teei-csr' } };
  const plan = { ...loaded, alerts: [...loaded.alerts, bySource] };
  const raised: Alert[] = [];
  const temporal: Harness['temporal'] = { down: false, withinMs: null };
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const incidents = recording(raised, temporal);
  const app = buildGateway({ plans: [plan], incidents, secrets: secretsFromFolder(folder), log, fetchText });
  const fileOf = (name: string) => join(folder, name);
  const secret = (name: string, ...lines: string[]) => {
    mkdirSync(dirname(fileOf(name)), { recursive: true });
    writeFileSync(fileOf(name), `${lines.join('\n')}\n`);
  };
  for (const { source, keys } of senders) secret(secretOf(source), keys[0]);
  return {
    ...{ app, plan, raised, logged, temporal, secret },
    noSecret: (name) => rmSync(fileOf(name)),
    async post({ url, headers, payload }) {
      const answer = await app.inject({ method: 'POST', url, headers, payload });
      return { status: answer.statusCode, body: answer.json() };
    },
    async close() {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const secretOf = (source: Sender['source']) =>
  source === 'alertmanager' ? 'gateway/token' : `gateway/${source}`;

const recording = (raised: Alert[], temporal: Harness['temporal']): Incidents => ({
  async raise(_plan, alerts, timeoutMs) {
    temporal.withinMs = timeoutMs;
    if (temporal.down) throw new StarterError('unreachable', 'Temporal cannot be reached');
    raised.push(...alerts);
  },
  check: async () => {},
});
