import {
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancerActivities } from '../../../../activities/load-balancer/index.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { defaultVpc } from '../../../../lab/provision/default-vpc.ts';
import { awsEndpoint, startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, stepOf, TO, wired } from '../../../support/activities/step.ts';
import { SYSTEM } from '../../../support/lab/shape.ts';

const { captureTargets, registerTargets, restoreTargets } = loadBalancerActivities(depsOf());

describe('Elastic Load Balancing', () => {
  let lab: Lab;
  let endpoint: string;
  let client: ElasticLoadBalancingV2Client;
  let vpc: string;
  let arn: string;
  let groups = 0;
  let group: string;

  beforeAll(async () => {
    lab = await startLab('load-balancer', ['third-place/aws']);
    endpoint = awsEndpoint(lab);
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    vpc = await defaultVpc({ region: TO, endpoint, credentials });
    client = new ElasticLoadBalancingV2Client({ region: TO, endpoint });
  });

  afterAll(async () => {
    client?.destroy();
    await lab?.down();
  });

  beforeEach(async () => {
    groups += 1;
    group = `${SYSTEM}-${groups}`;
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({ Name: group, Protocol: 'HTTP', Port: 8080, VpcId: vpc, TargetType: 'ip' }),
    );
    arn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  });

  const component = (targets: string[], targetGroup = group) => {
    const region = {
      aws: { region: TO, endpoint },
      targetGroup,
      targets: targets.map((id) => ({ id, port: 8080 })),
    };
    return wired('balancer', 'elbv2', { shared: {}, regions: { [FROM]: region, [TO]: region } });
  };

  const targets = (ids: string[]) => ({ TargetGroupArn: arn, Targets: ids.map((Id) => ({ Id, Port: 8080 })) });

  async function registered(): Promise<(string | undefined)[]> {
    const { TargetHealthDescriptions = [] } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    );
    return TargetHealthDescriptions.map(({ Target }) => Target?.Id).sort();
  }

  test('registers what is missing, once', async () => {
    await client.send(new RegisterTargetsCommand(targets(['10.0.0.1'])));
    const step = stepOf(component(['10.0.0.1', '10.0.0.2']));
    const first = await attempt(registerTargets, step);
    expect(first.changed).toBe(true);
    expect(first.detail).toMatch(
      /^registered 10\.0\.0\.2:8080: 10\.0\.0\.1:8080, 10\.0\.0\.2:8080 healthy in teei-csr-\d+ after \d+\.\d s$/,
    );
    expect(await registered()).toEqual(['10.0.0.1', '10.0.0.2']);

    expect(await attempt(registerTargets, step)).toEqual({
      changed: false,
      detail: `already registered: 10.0.0.1:8080, 10.0.0.2:8080 healthy in ${group}`,
    });
  });

  test('restores what was captured, and leaves alone what others did', async () => {
    await client.send(new RegisterTargetsCommand(targets(['10.0.0.1', '10.0.0.8'])));
    const step = stepOf(component(['10.0.0.1', '10.0.0.2']));
    const snapshot = await attempt(captureTargets, step);
    expect(snapshot.detail).toBe(`${group} has 10.0.0.1:8080, 10.0.0.8:8080`);

    await attempt(registerTargets, step);
    await client.send(new DeregisterTargetsCommand(targets(['10.0.0.8'])));
    await client.send(new RegisterTargetsCommand(targets(['10.0.0.9'])));

    expect(await attempt(restoreTargets, { ...step, snapshot })).toEqual({
      changed: true,
      detail: `${group}: took 10.0.0.2:8080 out, put 10.0.0.8:8080 back`,
    });
    expect(await registered()).toEqual(['10.0.0.1', '10.0.0.8', '10.0.0.9']);
    expect((await attempt(restoreTargets, { ...step, snapshot })).changed).toBe(false);
  });

  test('a target group that is not there is refused', async () => {
    await expect(attempt(registerTargets, stepOf(component(['10.0.0.1'], 'no-such')))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: expect.stringContaining('target group no-such'),
    });
  });
});
