import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Snapshot } from '../../../activities/contract.ts';
import { loadBalancerActivities } from '../../../activities/load-balancer/index.ts';
import { defaultVpc } from '../../../lab/provision/default-vpc.ts';
import { startBetween } from '../../support/activities/between.ts';
import { awsEndpoint } from '../../support/activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import type { Subject, Theatre } from './subject.ts';

const TARGET = { id: '127.0.0.20', port: 8080 };

const { captureTargets, registerTargets } = loadBalancerActivities(depsOf());

/** A target group of its own for each run; registrations are counted on their way. */
export const elbv2: Theatre = {
  needs: ['third-place/aws'],
  async open(lab) {
    const endpoint = awsEndpoint(lab);
    const client = new ElasticLoadBalancingV2Client({ region: TO, endpoint });
    const VpcId = await defaultVpc({
      region: TO,
      endpoint,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    const asked: string[] = [];
    const between = await startBetween(endpoint, {
      async before({ body }) {
        asked.push(decodeURIComponent(body));
        return null;
      },
    });
    async function start(run: number) {
      const targetGroup = `run-${run}`;
      const group = { Name: targetGroup, TargetType: 'ip', Protocol: 'HTTP', Port: TARGET.port, VpcId } as const;
      const { TargetGroups } = await client.send(new CreateTargetGroupCommand(group));
      const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
      const aws = { region: TO, endpoint: between.endpoint };
      const place = { aws, targetGroup, targets: [TARGET] };
      const component = wired('balancer', 'elbv2', { shared: {}, regions: { [FROM]: place, [TO]: place } });
      const times = (action: string) =>
        asked.filter((body) => body.includes(`Action=${action}&`) && body.includes(TargetGroupArn)).length;
      async function seen() {
        const { TargetHealthDescriptions = [] } = await client.send(
          new DescribeTargetHealthCommand({ TargetGroupArn }),
        );
        const targets = TargetHealthDescriptions.map(({ Target }) => Target?.Id).join();
        return { targets, registrations: times('RegisterTargets'), removals: times('DeregisterTargets') };
      }
      return { step: stepOf(component, recoveryRef()), seen };
    }
    const capture: Subject = {
      verb: 'captureTargets',
      async prepare(run) {
        const { step, seen } = await start(run);
        await attempt(registerTargets, step);
        const both = async (answer: unknown) => ({ ...(await seen()), captured: (answer as Snapshot).state });
        const expected = { targets: TARGET.id, registrations: 1, removals: 0, captured: { targets: [TARGET] } };
        return { input: step, seen: both, expected };
      },
    };
    const register: Subject = {
      verb: 'registerTargets',
      async prepare(run) {
        const { step, seen } = await start(run);
        const expected = { targets: TARGET.id, registrations: 1, removals: 0 };
        return { input: step, seen, expected, twice: { ...expected, registrations: 2 } };
      },
    };
    const restore: Subject = {
      verb: 'restoreTargets',
      async prepare(run) {
        const { step, seen } = await start(run);
        const snapshot = await attempt(captureTargets, step);
        await attempt(registerTargets, step);
        const expected = { targets: '', registrations: 1, removals: 1 };
        return { input: { ...step, snapshot }, seen, expected, twice: { ...expected, removals: 2 } };
      },
    };
    const close = async () => {
      client.destroy();
      await between.end();
    };
    return { subjects: [capture, register, restore], close };
  },
};
