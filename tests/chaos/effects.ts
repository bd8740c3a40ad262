import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Lab } from '../../lab/lab.ts';
import { THIRD_PLACE } from '../../lab/places.ts';
import { awsClient } from '../../lab/provision/aws-client.ts';
import { readSecret } from '../../lab/secrets.ts';
import { EDGE_ZONE, STANDBY, SYSTEM } from '../support/lab/shape.ts';

/** How often a failover has changed each thing outside; PostgreSQL's timeline is checked by every gameday. */
export interface Effects {
  /** Requests to Route 53 that change the address. */
  recordChanges: number;
  /** Versions of the zone at Cloudflare: a mark is made, and replaced along with the change. */
  edgeChanges: number;
  invalidations: number;
  registrations: number;
  /** As Kubernetes counts them. */
  rollouts: number;
  /** Updates of streams that NATS announced. */
  streamUpdates: number;
  /** Folders with evidence. */
  reports: number;
}

export const ONCE: Effects = {
  recordChanges: 1,
  edgeChanges: 2,
  invalidations: 1,
  registrations: 1,
  rollouts: 1,
  streamUpdates: 1,
  reports: 1,
};

/** Of a failover that has gone back: what was changed is changed back; its mark at Cloudflare is there already. */
export const BACK: Effects = { ...ONCE, recordChanges: 2, edgeChanges: 3, rollouts: 2, streamUpdates: 2 };

/** Counts effects where they arrive. */
export class Watch {
  readonly #lab: Lab;
  readonly #nats: NatsConnection;
  readonly #edgeBefore: number;
  #streamUpdates = 0;

  private constructor(lab: Lab, nats: NatsConnection, edgeBefore: number) {
    this.#lab = lab;
    this.#nats = nats;
    this.#edgeBefore = edgeBefore;
    nats.subscribe('$JS.EVENT.ADVISORY.STREAM.UPDATED.>', {
      callback: () => {
        this.#streamUpdates += 1;
      },
    });
  }

  /** From now on. */
  static async start(lab: Lab): Promise<Watch> {
    const { host, port } = lab.endpoint(`${STANDBY}/nats`);
    const nats = await connect({ servers: `${host}:${port}` });
    await askMoto(lab, 'reset-recording');
    await askMoto(lab, 'start-recording');
    return new Watch(lab, nats, await edgeSerial(lab));
  }

  async counted(): Promise<Effects> {
    const requests = await recorded(this.#lab);
    const times = (fits: (request: Recorded) => boolean) => requests.filter(fits).length;
    await this.#nats.flush();
    return {
      recordChanges: times(({ url, body }) => url.includes('/rrset') && /<Name>api\.teei\.test\.?<\/Name>/.test(body)),
      edgeChanges: (await edgeSerial(this.#lab)) - this.#edgeBefore,
      invalidations: times(({ method, url }) => method === 'POST' && url.endsWith('/invalidation')),
      registrations: times(({ body }) => body.includes('Action=RegisterTargets')),
      rollouts: await rollouts(this.#lab),
      streamUpdates: this.#streamUpdates,
      reports: await reports(this.#lab),
    };
  }

  async end(): Promise<void> {
    await this.#nats.close();
  }
}

interface Recorded {
  method: string;
  url: string;
  body: string;
}

/** The AWS APIs' own record of the requests that came in. */
async function recorded(lab: Lab): Promise<Recorded[]> {
  return recordedIn(await askMoto(lab, 'download-recording'));
}

/**
 * Each is meant to be a line, but a long one is written before its line's end, and another may come between. Within an
 * entry no text looks like the beginning of one, since quotation marks are escaped there.
 */
export function recordedIn(recording: string): Recorded[] {
  const entries = recording.split(/(?=\{"headers": )/).filter((entry) => entry.trim() !== '');
  return entries.map((entry) => {
    const { method, url, body, body_encoded: encoded } = JSON.parse(entry);
    return { method, url, body: encoded ? Buffer.from(body, 'base64').toString() : String(body) };
  });
}

async function askMoto(lab: Lab, what: string): Promise<string> {
  const { host, port } = lab.endpoint(`${THIRD_PLACE}/aws`);
  const method = what.startsWith('download') ? 'GET' : 'POST';
  const response = await fetch(`http://${host}:${port}/moto-api/recorder/${what}`, { method });
  if (!response.ok) throw new Error(`moto answers ${response.status} to ${what}`);
  return await response.text();
}

/** The serial of the zone, which rises with each change. */
async function edgeSerial(lab: Lab): Promise<number> {
  const file = join(lab.folder, THIRD_PLACE, 'cloudflare', `${EDGE_ZONE}.json`);
  return JSON.parse(await readFile(file, 'utf8')).serial;
}

async function rollouts(lab: Lab): Promise<number> {
  const config = new KubeConfig();
  config.loadFromString(await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `${SYSTEM}/kubernetes-${STANDBY}`));
  const where = { namespace: SYSTEM, name: 'api' };
  const { metadata } = await config.makeApiClient(AppsV1Api).readNamespacedDeployment(where);
  return Number(metadata?.annotations?.['deployment.kubernetes.io/revision']) - 1;
}

async function reports(lab: Lab): Promise<number> {
  const client = new S3Client({ ...awsClient(lab.wiring, 'us-east-2'), forcePathStyle: true });
  const wanted = new ListObjectsV2Command({ Bucket: 'lifeboat', Prefix: 'evidence/' });
  const { Contents = [] } = await client.send(wanted).finally(() => client.destroy());
  return Contents.filter(({ Key }) => Key?.endsWith('/manifest.json')).length;
}
