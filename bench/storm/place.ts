import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { allotPorts } from '../../lab/ports.ts';
import { ensureTools } from '../../lab/setup/index.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { alertmanager, cloudwatch, grafana, pagerduty, standard } from '../../tests/starter/webhooks/senders.ts';
import { type Notary, notary } from '../../tests/starter/webhooks/sns.ts';
import { begin, type Running } from './process.ts';

export const SYSTEM = 'teei-csr';
const HOST = '127.0.0.1';
const ROOT = join(import.meta.dirname, '..', '..');
const READY_MS = 60_000;

/** A gateway, a worker and a Temporal server of their own, on loopback. */
export interface Place {
  url: string;
  client: Client;
  notary: Notary;
  temporal: { outage(ms: number): Promise<void>; up(): Promise<void> };
  close(): Promise<void>;
}

export async function setUp(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-bench-'));
  const ports = await allotPorts(
    ['temporal', 'ui', 'http', 'metrics', 'gateway'].map((name, at) => ({
      name,
      preferred: 27_233 + at,
      hosts: [HOST],
    })),
  );
  const { temporal: program = '' } = await ensureTools(['temporal']);
  const signer = await notary();
  const env = environment(folder, ports, signer);
  Object.assign(process.env, { TEMPORAL_ADDRESS: env.TEMPORAL_ADDRESS });
  const client = openClient();
  const startTemporal = () => begin(folder, 'temporal', program, temporalArguments(folder, ports), {});
  let temporal = startTemporal();
  const up = async () => {
    await ready('Temporal', () => client.workflowService.describeNamespace({ namespace: 'default' }));
  };
  await up();
  const node = (name: string, ...args: string[]) => begin(folder, name, process.execPath, args, env);
  const worker = node('worker', join(ROOT, 'workers/main.ts'));
  const sns = join(ROOT, 'lab/sns/local-fetch.ts');
  const gateway = node('gateway', '--import', sns, join(ROOT, 'starter/webhooks/main.ts'));
  const url = `http://${HOST}:${ports['gateway']}`;
  await ready('the gateway', async () => {
    if (!(await fetch(`${url}/readyz`)).ok) throw new Error('the gateway is not ready');
  });
  await ready('the worker', () => polled(client));
  return {
    ...{ url, client, notary: signer },
    temporal: {
      up,
      async outage(ms) {
        await temporal.end('SIGKILL');
        await sleep(ms);
        temporal = startTemporal();
      },
    },
    async close() {
      await Promise.all([gateway, worker].map((each: Running) => each.end('SIGTERM')));
      await closeClient(client);
      await temporal.end('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

async function polled(client: Client): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name: 'lifeboat' },
    taskQueueType: 1,
  });
  if (!pollers?.length) throw new Error('no worker polls yet');
}

const ready = (what: string, look: () => Promise<unknown>) => eventually({ what, withinMs: READY_MS }, look);

function temporalArguments(folder: string, ports: Record<string, number>): string[] {
  const port = (name: string) => `${ports[name]}`;
  return [
    ...['server', 'start-dev', '--namespace', 'default', '--log-level', 'error'],
    ...['--db-filename', join(folder, 'temporal.db'), '--ip', HOST, '--port', port('temporal')],
    ...['--ui-ip', HOST, '--ui-port', port('ui'), '--http-port', port('http'), '--metrics-port', port('metrics')],
  ];
}

/** What the worker and the gateway are given: the lab's plan, in which nothing is reachable. */
function environment(folder: string, ports: Record<string, number>, { certificate }: Notary) {
  const secrets = join(folder, 'secrets', 'gateway');
  mkdirSync(secrets, { recursive: true });
  for (const { source, keys } of [pagerduty, grafana, cloudwatch({} as Notary), standard]) {
    writeFileSync(join(secrets, source), keys[0]);
  }
  writeFileSync(join(secrets, 'token'), alertmanager.keys[0]);
  writeFileSync(join(folder, 'certificate.pem'), certificate);
  return {
    TEMPORAL_ADDRESS: `${HOST}:${ports['temporal']}`,
    LIFEBOAT_ENVIRONMENT: 'lab',
    LIFEBOAT_SYSTEMS: SYSTEM,
    LIFEBOAT_SECRETS_DIR: join(folder, 'secrets'),
    LIFEBOAT_GATEWAY_HOST: HOST,
    LIFEBOAT_GATEWAY_PORT: `${ports['gateway']}`,
    LAB_SNS_CERTIFICATE: join(folder, 'certificate.pem'),
  };
}
