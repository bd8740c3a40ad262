import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { httpGet } from '../../http.ts';
import type { Lab } from '../../lab.ts';
import { awsClient } from '../../provision/aws-client.ts';
import { readSecret } from '../../secrets.ts';
import { cloudflareSecret, servingSites, targetGroupName, zoneOf } from '../../shapes/shape.ts';
import type { Parts } from '../picture.ts';

/** Where clients are led: what DNS answers, the records behind it, and the targets behind those. */
export function nameParts(lab: Lab): Parts {
  const names = lab.shape.zones.map(({ record }) => [`DNS of ${record}`, () => resolved(lab, record)] as const);
  const targets = servingSites(lab.shape).map(
    (region) => [`targets in ${region}`, () => targetsIn(lab, region)] as const,
  );
  return {
    ...Object.fromEntries(names),
    'records of Route 53': () => route53Records(lab),
    'records of Cloudflare': () => cloudflareRecords(lab),
    ...Object.fromEntries(targets),
  };
}

async function resolved(lab: Lab, name: string): Promise<string> {
  const { host, port } = lab.endpoint('third-place/dns');
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`${host}:${port}`]);
  return (await resolver.resolve4(name)).sort().join(', ');
}

async function route53Records(lab: Lab): Promise<string> {
  const client = new Route53Client(awsClient(lab.wiring, lab.shape.awsRegion));
  const { name } = zoneOf(lab.shape, 'route53');
  try {
    const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: name }));
    const HostedZoneId = HostedZones?.find(({ Name }) => Name === `${name}.`)?.Id;
    const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
    return ResourceRecordSets.filter(isOfTheSystem).map(inWords).sort().join(', ');
  } finally {
    client.destroy();
  }
}

/** Recoveries leave marks beside the names that they move, on purpose. */
const isOfTheSystem = ({ Name = '' }: ResourceRecordSet) => !Name.startsWith('_lifeboat.');

const inWords = ({ Name, Type, TTL, ResourceRecords = [] }: ResourceRecordSet) =>
  `${Name} ${TTL} ${Type} ${ResourceRecords.map(({ Value }) => Value).join(' ')}`;

interface CloudflareRecord {
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied?: boolean;
}

async function cloudflareRecords(lab: Lab): Promise<string> {
  const { host, port } = lab.endpoint('third-place/cloudflare');
  const token = await readSecret(join(lab.folder, 'secrets'), cloudflareSecret(lab.shape));
  const ask = async <T>(path: string): Promise<T[]> =>
    JSON.parse(await httpGet({ url: `http://${host}:${port}/client/v4/zones${path}`, token })).result;
  const [zone] = await ask<{ id: string }>(`?name=${zoneOf(lab.shape, 'cloudflare').name}`);
  const records = await ask<CloudflareRecord>(`/${zone?.id}/dns_records`);
  const own = records.filter(({ name }) => !name.startsWith('_lifeboat.'));
  return own
    .map(({ name, ttl, type, content, proxied = false }) => `${name} ${ttl} ${type} ${content} ${proxied}`)
    .sort()
    .join(', ');
}

async function targetsIn(lab: Lab, region: string): Promise<string> {
  const client = new ElasticLoadBalancingV2Client(awsClient(lab.wiring, region));
  try {
    const named = new DescribeTargetGroupsCommand({ Names: [targetGroupName(lab.shape, region)] });
    const TargetGroupArn = (await client.send(named)).TargetGroups?.[0]?.TargetGroupArn;
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const targets = TargetHealthDescriptions.map(({ Target }) => `${Target?.Id}:${Target?.Port}`);
    return targets.sort().join(', ') || 'none';
  } finally {
    client.destroy();
  }
}
