import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { writesOnOldTimeline } from '../../../lab/client/ledger.ts';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { ledgerOf } from '../../../lab/gameday/measure.ts';
import { httpGet } from '../../../lab/http.ts';
import type { Lab } from '../../../lab/lab.ts';
import { CLIENT_NAME, EDGE_NAME, type Region, STANDBY, SYSTEM } from '../../support/lab/shape.ts';

/** What a failover changes, as the outside world tells it. */
export interface Outside {
  names: string[][];
  replicas: number | undefined;
  /** Where the workloads in the standby region find their database. */
  database: string;
  targets: string[];
  /** Of the standby region's PostgreSQL. */
  timeline: number;
  role: 'standby' | 'primary';
  /** The stream that the standby region's NATS mirrors; null when it is a stream of its own. */
  mirrors: string | null;
}

/** Looks at everything that a failover changes but ClickHouse, which does not tell whether it fetches. */
export async function lookOutside(lab: Lab): Promise<Outside> {
  const [names, workloads, targets, postgres, mirrors] = await Promise.all([
    Promise.all([CLIENT_NAME, EDGE_NAME].map((name) => resolve(lab, name))),
    workloadsOf(lab),
    targetsOf(lab),
    postgresOf(lab),
    mirrorOf(lab),
  ]);
  return { names, ...workloads, targets, ...postgres, mirrors };
}

/** What differs from before, once it has had time to settle; null when nothing does. */
export async function unlessAsBefore(lab: Lab, before: Outside): Promise<string | null> {
  const patience = { what: 'everything to be as before', withinMs: 20_000, everyMs: 500 };
  return await eventually(patience, async () => {
    const now = await lookOutside(lab);
    if (!isDeepStrictEqual(now, before)) throw new Error(`${JSON.stringify(now)}, and was ${JSON.stringify(before)}`);
    return null;
  }).catch(String);
}

/** The client is served by a region from now on, and no write was acknowledged on a timeline that was left. */
export async function unlessServedBy(lab: Lab, region: Region, signal: AbortSignal): Promise<string | null> {
  const since = Date.now();
  const patience = { what: `the client to be served by ${region}`, withinMs: 60_000, signal };
  return await eventually(patience, async () => {
    const entries = await ledgerOf(lab);
    const served = entries.filter((entry) => entry.region === region && entry.at >= since);
    if (served.length < 50) throw new Error(`${served.length} writes so far`);
    const astray = writesOnOldTimeline(entries).length;
    return astray === 0 ? null : `two writers: ${astray} writes on the old timeline`;
  }).catch(String);
}

async function resolve(lab: Lab, name: string): Promise<string[]> {
  const { host, port } = lab.endpoint('third-place/dns');
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  resolver.setServers([`${host}:${port}`]);
  return await resolver.resolve4(name);
}

async function workloadsOf(lab: Lab): Promise<Pick<Outside, 'replicas' | 'database'>> {
  const config = new KubeConfig();
  config.loadFromString(await readFile(join(lab.folder, STANDBY, 'kubernetes', 'kubeconfig'), 'utf8'));
  const namespace = SYSTEM;
  const { spec } = await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ namespace, name: 'api' });
  const { data } = await config.makeApiClient(CoreV1Api).readNamespacedSecret({ namespace, name: 'database' });
  const decoded = Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return { replicas: spec?.replicas, database: JSON.stringify(Object.fromEntries(decoded.sort())) };
}

async function targetsOf(lab: Lab): Promise<string[]> {
  const { host, port } = lab.endpoint('third-place/aws');
  const elb = new ElasticLoadBalancingV2Client({
    region: STANDBY,
    endpoint: `http://${host}:${port}`,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  try {
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [`${SYSTEM}-${STANDBY}`] }));
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.map(({ Target }) => `${Target?.Id}:${Target?.Port}`).sort();
  } finally {
    elb.destroy();
  }
}

async function postgresOf(lab: Lab): Promise<Pick<Outside, 'timeline' | 'role'>> {
  const sql = `SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
    (SELECT max(('x' || left(name, 8))::bit(32)::int) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$') AS timeline`;
  const { rows } = await withDatabase(lab, STANDBY, (client) => client.query(sql), 'lifeboat');
  return rows[0];
}

interface Streams {
  account_details?: { stream_detail?: { name: string; config?: { mirror?: { name: string } } }[] }[];
}

async function mirrorOf(lab: Lab): Promise<string | null> {
  const { host, port } = lab.endpoint(`${STANDBY}/nats`, 'nats-monitor');
  const told = await httpGet({ url: `http://${host}:${port}/jsz?accounts=true&streams=true&config=true` });
  const streams = ((JSON.parse(told) as Streams).account_details ?? []).flatMap(
    ({ stream_detail = [] }) => stream_detail,
  );
  const mirror = streams.find(({ name }) => name === 'ORDERS-MIRROR');
  if (!mirror) throw new Error(`${STANDBY} has no ORDERS-MIRROR`);
  return mirror.config?.mirror?.name ?? null;
}
