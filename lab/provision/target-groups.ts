import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { PRIMARY, REGIONS, type Region } from '../places.ts';
import { awsClient } from './aws-client.ts';
import { defaultVpc } from './default-vpc.ts';
import { regional, type Wiring } from './wiring.ts';

/** A target group in each region; at first only the primary region's has the application registered. */
export async function provisionTargetGroups(wiring: Wiring): Promise<void> {
  await Promise.all(REGIONS.map((region) => provisionTargetGroup(wiring, region)));
}

async function provisionTargetGroup(wiring: Wiring, region: Region): Promise<void> {
  const aws = awsClient(wiring, region);
  const elb = new ElasticLoadBalancingV2Client(aws);
  const name = `teei-csr-${region}`;
  if (await exists(elb, name)) return;
  const { host, port } = regional(wiring, region, 'APPLICATION');
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: port,
      VpcId: await defaultVpc(aws),
      HealthCheckPath: '/health',
    }),
  );
  if (region !== PRIMARY) return;
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: host, Port: port }] }));
}

async function exists(elb: ElasticLoadBalancingV2Client, name: string): Promise<boolean> {
  try {
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [name] }));
    return (TargetGroups ?? []).length > 0;
  } catch (cause) {
    if (cause instanceof TargetGroupNotFoundException) return false;
    throw cause;
  }
}
