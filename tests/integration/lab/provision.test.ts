import { CloudFrontClient, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createClient } from '@clickhouse/client';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventually } from '../../../lab/eventually.ts';
import type { Lab } from '../../../lab/lab.ts';
import { provisionAnalytics } from '../../../lab/provision/analytics.ts';
import { provisionAws } from '../../../lab/provision/aws.ts';
import { awsClient } from '../../../lab/provision/aws-client.ts';
import { provisionCloudflare } from '../../../lab/provision/cloudflare.ts';
import { provisionStream } from '../../../lab/provision/stream.ts';
import { located, wired } from '../../../lab/provision/wiring.ts';
import { targetGroupName, zoneOf } from '../../../lab/shapes/shape.ts';
import { askerOf, startLab } from '../../support/activities/lab.ts';
import { PRIMARY, REGIONS, STANDBY, twoSites } from '../../support/lab/shape.ts';

const zone = zoneOf(twoSites, 'route53');

let lab: Lab;
beforeAll(async () => {
  lab = await startLab('provision', ['third-place/dns', 'stream', 'analytics-tables']);
}, 90_000);
afterAll(() => lab?.down(), 30_000);

async function address(name: string): Promise<string | undefined> {
  return (await askerOf(lab).resolve4(name))[0];
}

test('both names lead to the primary region', async () => {
  for (const { record } of twoSites.zones) expect(await address(record)).toBe(lab.wiring['LAB_A_HOST']);
});

test('the application is registered in the primary region and in no other', async () => {
  const registered = await Promise.all(
    REGIONS.map(async (region) => {
      const elb = new ElasticLoadBalancingV2Client(awsClient(lab.wiring, region));
      const { TargetGroups } = await elb.send(
        new DescribeTargetGroupsCommand({ Names: [targetGroupName(twoSites, region)] }),
      );
      const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
      const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions?.map(({ Target }) => Target?.Id);
    }),
  );
  expect(registered).toEqual([[lab.wiring['LAB_A_HOST']], []]);
});

test('the distribution is found by the id that the wiring learned, and the bucket by its name', async () => {
  const cloudfront = new CloudFrontClient(awsClient(lab.wiring, PRIMARY));
  const Id = wired(lab.wiring, 'LAB_CDN_DISTRIBUTION');
  expect((await cloudfront.send(new GetDistributionCommand({ Id }))).Distribution?.Id).toBe(Id);
  const s3 = new S3Client({ ...awsClient(lab.wiring, 'us-east-2'), forcePathStyle: true });
  await s3.send(new HeadBucketCommand({ Bucket: 'lifeboat' }));
});

test('an event published in the primary region arrives in the mirror', async () => {
  const { host, port } = located(lab, PRIMARY, 'NATS');
  const source = await connect({ servers: `${host}:${port}` });
  await jetstream(source).publish('orders.created', '{"id":1}');
  await source.close();
  const standby = located(lab, STANDBY, 'NATS');
  const other = await connect({ servers: `${standby.host}:${standby.port}` });
  const manager = await jetstreamManager(other);
  await eventually({ what: 'the mirror to hold the event', withinMs: 10_000, everyMs: 50 }, async () => {
    const { state } = await manager.streams.info('ORDERS-MIRROR');
    if (state.messages < 1) throw new Error(`it holds ${state.messages}`);
  });
  await other.close();
});

test('a row inserted in one region is read in the other', async () => {
  const [here, there] = REGIONS.map((region) => {
    const { host, port } = located(lab, region, 'CLICKHOUSE');
    return createClient({ url: `http://${host}:${port}`, database: twoSites.analytics });
  });
  const row = { id: 1, client: 'a', region: PRIMARY, created_at: 1_700_000_000 };
  await here?.insert({ table: 'orders', values: [row], format: 'JSONEachRow' });
  await eventually({ what: 'the other replica to have the row', withinMs: 10_000, everyMs: 50 }, async () => {
    const answer = await there?.query({ query: 'SELECT count() FROM orders', format: 'TabSeparated' });
    const count = (await answer?.text())?.trim();
    if (count !== '1') throw new Error(`it has ${count}`);
  });
  await Promise.all([here?.close(), there?.close()]);
});

test('making everything again changes nothing, not even a record that has moved', async () => {
  const route53 = new Route53Client(awsClient(lab.wiring, PRIMARY));
  const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: `${zone.name}.` }));
  const ResourceRecords = [{ Value: wired(lab.wiring, 'LAB_B_HOST') }];
  const ResourceRecordSet = { Name: `${zone.record}.`, Type: 'A' as const, TTL: 1, ResourceRecords };
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: HostedZones?.[0]?.Id,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
    }),
  );
  const [learned] = await Promise.all([
    provisionAws(lab),
    provisionCloudflare(lab),
    provisionStream(lab),
    provisionAnalytics(lab),
  ]);
  expect(learned).toEqual({ LAB_CDN_DISTRIBUTION: lab.wiring['LAB_CDN_DISTRIBUTION'] });
  await eventually({ what: 'DNS to answer the moved record', withinMs: 10_000, everyMs: 100 }, async () => {
    const answered = await address(zone.record);
    if (answered !== lab.wiring['LAB_B_HOST']) throw new Error(`it answers ${answered}`);
  });
});

test('wiring that is not there is named', async () => {
  await expect(provisionStream({ shape: twoSites, wiring: { LAB_A_HOST: '127.0.0.10' } })).rejects.toThrow(
    "the lab's wiring has no LAB_NATS_PORT",
  );
});
