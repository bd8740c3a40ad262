import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Lab } from '../lab.ts';
import { awsClient } from '../provision/aws-client.ts';
import { BUCKET, provisionBucket, STORE_REGION } from '../provision/bucket.ts';
import { clientRecord } from '../provision/dns.ts';
import { located } from '../provision/wiring.ts';
import { primaryOf, servingSites, targetGroupName, zoneOf } from '../shapes/shape.ts';

const has = ({ shape, services }: Lab, task: string) =>
  shape.tasks.includes(task) && services.includes('third-place/aws');

/** Object storage as empty as it was: no lease, no evidence, no backup. */
export async function resetBuckets(lab: Lab): Promise<void> {
  if (!has(lab, 'bucket')) return;
  await provisionBucket(lab.wiring);
  const s3 = new S3Client({ ...awsClient(lab.wiring, STORE_REGION), forcePathStyle: true });
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (Objects.length === 0) return;
    await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
  }
}

/** The name of clients leads to the primary site again, and the marks of recoveries beside it are gone. */
export async function resetNames(lab: Lab): Promise<void> {
  if (has(lab, 'aws-objects')) await Promise.all([resetRoute53(lab), resetTargets(lab)]);
}

async function resetRoute53(lab: Lab): Promise<void> {
  const { name } = zoneOf(lab.shape, 'route53');
  const client = new Route53Client(awsClient(lab.wiring, lab.shape.awsRegion));
  const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: name }));
  const HostedZoneId = HostedZones?.find((zone) => zone.Name === `${name}.`)?.Id;
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const marks = ResourceRecordSets.filter(({ Name = '' }) => Name.startsWith('_'));
  const gone = marks.map((ResourceRecordSet) => ({ Action: 'DELETE' as const, ResourceRecordSet }));
  const Changes = [...gone, clientRecord('UPSERT', lab)];
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
}

/** Only the primary site's application is registered. */
async function resetTargets(lab: Lab): Promise<void> {
  await Promise.all(
    servingSites(lab.shape).map(async (site) => {
      const elb = new ElasticLoadBalancingV2Client(awsClient(lab.wiring, site));
      const named = new DescribeTargetGroupsCommand({ Names: [targetGroupName(lab.shape, site)] });
      const TargetGroupArn = (await elb.send(named)).TargetGroups?.[0]?.TargetGroupArn;
      const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      const registered = TargetHealthDescriptions.flatMap(({ Target }) => Target ?? []);
      if (registered.length > 0) {
        await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: registered }));
      }
      if (site !== primaryOf(lab.shape)) return;
      const { host: Id, port: Port } = located(lab, site, 'APPLICATION');
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port }] }));
    }),
  );
}
