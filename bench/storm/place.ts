import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { breakLab } from '../../lab/faults.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { readSecret } from '../../lab/secrets.ts';
import { twoSites } from '../../lab/shapes/two-sites.ts';
import { signingIn } from '../../lab/sns/certificate.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import {
  alertmanager,
  cloudwatch,
  grafana,
  pagerduty,
  type Sender,
  standard,
} from '../../tests/support/starter/webhooks/senders.ts';
import { notary } from '../../tests/support/starter/webhooks/sns.ts';

export const SYSTEM = twoSites.system;
const TEMPORAL = 'third-place/temporal';
const DEAD = 'us-east-1/postgres';
const READY_MS = 60_000;

/** The lab's gateway, workers and Temporal, and the databases of both regions. */
export interface Place {
  url: string;
  client: Client;
  /** Each with the key that the gateway knows. */
  senders: { sender: Sender; key: string }[];
  /** From now on the first alert of a storm starts a recovery by itself, which then waits at its gate. */
  loseRegion(): Promise<void>;
  temporal: { outage(ms: number): Promise<void>; up(): Promise<void> };
  close(): Promise<void>;
}

/** With an application nowhere, what is seen is nothing to act on as long as no region is lost. */
export async function setUp(): Promise<Place> {
  const services = [DEAD, 'eu-central-1/postgres', 'eu-central-1/worker', 'third-place/worker', 'third-place/gateway'];
  const lab = await up({ name: `storm-${process.pid}`, only: [...services, 'third-place/sink'], leaseTtl: '30s' });
  try {
    Object.assign(process.env, { TEMPORAL_ADDRESS: lab.wiring['TEMPORAL_ADDRESS'] });
    return await placeIn(lab);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function placeIn(lab: Lab): Promise<Place> {
  const client = openClient();
  const { host, port } = lab.endpoint('third-place/gateway');
  return {
    url: `http://${host}:${port}`,
    client,
    senders: await sendersOf(lab),
    async loseRegion() {
      await breakLab(lab, ['kill', DEAD]);
    },
    temporal: {
      up: async () => {
        const look = () => client.workflowService.describeNamespace({ namespace: 'default' });
        await eventually({ what: 'Temporal', withinMs: READY_MS }, look);
      },
      async outage(ms) {
        await breakLab(lab, ['kill', TEMPORAL]);
        await sleep(ms);
        await lab.startService(TEMPORAL);
      },
    },
    async close() {
      await closeClient(client);
      await lab.down();
    },
  };
}

async function sendersOf(lab: Lab): Promise<Place['senders']> {
  const signer = await notary(signingIn(join(lab.folder, 'third-place/gateway')));
  const all = [alertmanager, pagerduty, grafana, cloudwatch(signer), standard];
  const keyOf = ({ source }: Sender) =>
    readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `gateway/${source === 'alertmanager' ? 'token' : source}`);
  return await Promise.all(all.map(async (sender) => ({ sender, key: await keyOf(sender) })));
}
