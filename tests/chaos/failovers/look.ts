import { Resolver } from 'node:dns/promises';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { s3LeaseStore } from '../../../activities/lease/store.ts';
import { withDatabase } from '../../../lab/database.ts';
import { httpGet } from '../../../lab/http.ts';
import type { Lab } from '../../../lab/lab.ts';
import { awsClient } from '../../../lab/provision/aws-client.ts';
import { readSecret } from '../../../lab/secrets.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { CLIENT_NAME, EDGE_NAME, REGIONS, type Region, SYSTEM } from '../../support/lab/shape.ts';
import type { FastLab } from './fast-lab.ts';

/** The outside, as it is to itself. */
export interface Seen {
  /** The region that the lease names. */
  lease: string | undefined;
  /** Regions whose database took a write. */
  primaries: Region[];
  /** What each of the names leads to. */
  names: Record<string, string>;
  /** Of each region. */
  regions: Record<Region, SeenRegion>;
}

interface SeenRegion {
  replicas: number | undefined;
  ready: number;
  /** Where its pods are told that the database is. */
  database: string;
  /** Targets registered with its load balancer. */
  targets: string[];
}

export const NAMES = [CLIENT_NAME, EDGE_NAME];
const NAMESPACE = { namespace: SYSTEM };

/** Asks every service itself, and never Lifeboat. */
export async function look(fast: FastLab): Promise<Seen> {
  const { lab } = fast;
  const [lease, names, primaries, regions] = await Promise.all([
    leaseHolder(fast),
    Promise.all(NAMES.map(async (name) => [name, await leadsTo(lab, name)] as const)),
    Promise.all(REGIONS.map(async (region) => ((await takesWrite(lab, region)) ? [region] : []))),
    Promise.all(REGIONS.map(async (region) => [region, await lookAt(lab, region)] as const)),
  ]);
  return {
    lease,
    primaries: primaries.flat(),
    names: Object.fromEntries(names),
    regions: Object.fromEntries(regions) as Seen['regions'],
  };
}

async function leaseHolder(fast: FastLab): Promise<string | undefined> {
  const { lease } = (fast.component('database').wiring as Wiring<'postgres-streaming'>).shared;
  if (lease === undefined) throw new Error('the lab has no lease');
  const store = s3LeaseStore(lease, 5_000);
  const stored = await store.read().finally(() => store.close());
  return stored?.lease.holder;
}

export async function leadsTo(lab: Lab, name: string): Promise<string> {
  const { host, port } = lab.endpoint('third-place/dns');
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  resolver.setServers([`${host}:${port}`]);
  return (await resolver.resolve4(name)).join();
}

/** Throws unless whatever the name leads to takes orders just now. */
export async function serves(lab: Lab, name: string): Promise<void> {
  await httpGet({ url: `http://${await leadsTo(lab, name)}:${lab.wiring['LAB_APPLICATION_PORT']}/health` });
}

export async function takesWrite(lab: Lab, region: Region): Promise<boolean> {
  const write = 'insert into direct (id) values (-extract(epoch from clock_timestamp()) * 1000000)';
  return await withDatabase(lab, region, (client) => client.query(write)).then(
    () => true,
    () => false,
  );
}

/** Which of these ids a region's table holds. */
export async function idsIn(lab: Lab, region: Region, table: string, ids: readonly number[]): Promise<Set<number>> {
  const sql = `select id from ${table} where id = any($1::bigint[])`;
  const { rows } = await withDatabase(lab, region, (client) => client.query<{ id: string }>(sql, [ids]));
  return new Set(rows.map(({ id }) => Number(id)));
}

async function lookAt(lab: Lab, region: Region): Promise<SeenRegion> {
  const [workloads, targets] = await Promise.all([workloadsOf(lab, region), targetsOf(lab, region)]);
  return { ...workloads, targets: targets.map(({ Id, Port }) => `${Id}:${Port}`) };
}

async function workloadsOf(lab: Lab, region: Region) {
  const config = new KubeConfig();
  config.loadFromString(await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `${SYSTEM}/kubernetes-${region}`));
  const [deployment, secret] = await Promise.all([
    config.makeApiClient(AppsV1Api).readNamespacedDeployment({ ...NAMESPACE, name: 'api' }),
    config.makeApiClient(CoreV1Api).readNamespacedSecret({ ...NAMESPACE, name: 'database' }),
  ]);
  const database = Buffer.from(secret.data?.['host'] ?? '', 'base64').toString();
  return { replicas: deployment.spec?.replicas, ready: deployment.status?.readyReplicas ?? 0, database };
}

/** The registered targets of a region's load balancer. */
export async function targetsOf(lab: Lab, region: Region) {
  const client = new ElasticLoadBalancingV2Client(awsClient(lab.wiring, region));
  try {
    const TargetGroupArn = await groupOf(client, region);
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const registered = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy');
    return registered.flatMap(({ Target }) => (Target === undefined ? [] : [Target]));
  } finally {
    client.destroy();
  }
}

export async function groupOf(client: ElasticLoadBalancingV2Client, region: Region): Promise<string | undefined> {
  const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [`${SYSTEM}-${region}`] }));
  return TargetGroups?.[0]?.TargetGroupArn;
}
