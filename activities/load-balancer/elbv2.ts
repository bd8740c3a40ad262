import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsOptions, callAws } from '../aws.ts';
import type { RestoreStep, Snapshot, Step, StepResult } from '../contract.ts';
import { refusal } from '../fault.ts';
import { refuseIfFrozen } from '../heartbeat.ts';
import { wiringOf } from '../provider.ts';
import { leftMs, stepDeadline } from '../step-time.ts';
import { until } from '../until.ts';
import type { LoadBalancerVerbs } from './index.ts';
import { among, healthText, listed, registered, type Target, type TargetHealth, without } from './targets.ts';

const LOOK_MS = 500;

interface State {
  targets: Target[];
}

/** The target group of a region, and what is asked of it. */
interface Group {
  name: string;
  health(): Promise<TargetHealth[]>;
  register(targets: readonly Target[]): Promise<void>;
  deregister(targets: readonly Target[]): Promise<void>;
}

/** Targets of an AWS load balancer. Everything is done to the target group of the step's `to`. */
export function elbv2(): LoadBalancerVerbs {
  return {
    captureTargets: (step) => inGroup(step, capture),
    registerTargets: (step) => inGroup(step, (group) => register(group, step)),
    restoreTargets: (step) => inGroup(step, (group) => restore(group, step)),
  };
}

async function capture(group: Group): Promise<Snapshot> {
  const targets = registered(await group.health()).map(({ id, port }) => ({ id, port }));
  return { detail: `${group.name} has ${listed(targets)}`, state: { targets } satisfies State };
}

async function register(group: Group, step: Step): Promise<StepResult> {
  const startedAt = Date.now();
  const { targets } = wiringOf<'elbv2'>(step.component, step.to).region;
  const missing = without(targets, registered(await group.health()));
  if (missing.length > 0) await group.register(missing);
  await untilHealthy(group, targets);
  const healthy = `${listed(targets)} healthy in ${group.name}`;
  if (missing.length === 0) return { changed: false, detail: `already registered: ${healthy}` };
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  return { changed: true, detail: `registered ${listed(missing)}: ${healthy} after ${seconds} s` };
}

/** Takes away what the recovery added, and nothing that others did since; puts back what was there. */
async function restore(group: Group, step: RestoreStep): Promise<StepResult> {
  const { targets: before } = step.snapshot.state as State;
  const now = registered(await group.health());
  const wired = wiringOf<'elbv2'>(step.component, step.to).region.targets;
  const added = among(without(wired, before), now);
  const removed = without(before, now);
  if (added.length > 0) await group.deregister(added);
  if (removed.length > 0) await group.register(removed);
  await untilGone(group, added);
  const changed = added.length > 0 || removed.length > 0;
  if (!changed) return { changed, detail: `${group.name} already has ${listed(before)}` };
  return { changed, detail: `${group.name}: took ${listed(added)} out, put ${listed(removed)} back` };
}

async function untilHealthy(group: Group, wanted: readonly Target[]): Promise<void> {
  const wait = { what: `healthy targets in ${group.name}`, timeoutMs: leftMs(stepDeadline()), everyMs: LOOK_MS };
  await until(wait, async (note) => {
    const healths = await group.health();
    note(healthText(wanted, healths));
    const healthy = healths.filter(({ state }) => state === 'healthy');
    return without(wanted, healthy).length === 0 ? true : undefined;
  });
}

async function untilGone(group: Group, targets: readonly Target[]): Promise<void> {
  const wait = { what: `targets to leave ${group.name}`, timeoutMs: leftMs(stepDeadline()), everyMs: LOOK_MS };
  await until(wait, async (note) => {
    const left = among(targets, registered(await group.health()));
    note(`${listed(left)} still registered`);
    return left.length === 0 ? true : undefined;
  });
}

async function inGroup<T>(step: Step, use: (group: Group) => Promise<T>): Promise<T> {
  const { aws, targetGroup: name } = wiringOf<'elbv2'>(step.component, step.to).region;
  const client = new ElasticLoadBalancingV2Client(awsOptions(aws));
  try {
    return await use(group(client, name, await groupArn(client, name)));
  } finally {
    client.destroy();
  }
}

function group(client: ElasticLoadBalancingV2Client, name: string, TargetGroupArn: string): Group {
  const named = (targets: readonly Target[]) => ({
    TargetGroupArn,
    Targets: targets.map(({ id, port }) => ({ Id: id, Port: port })),
  });
  return {
    name,
    health: () => describeHealth(client, name, TargetGroupArn),
    register: async (targets) => {
      refuseIfFrozen();
      await callAws(`register ${listed(targets)} in target group ${name}`, (options) =>
        client.send(new RegisterTargetsCommand(named(targets)), options),
      );
    },
    deregister: async (targets) => {
      refuseIfFrozen();
      await callAws(`take ${listed(targets)} out of target group ${name}`, (options) =>
        client.send(new DeregisterTargetsCommand(named(targets)), options),
      );
    },
  };
}

/** Every target of a group, as the load balancer sees it. */
export async function targetHealths(client: ElasticLoadBalancingV2Client, name: string): Promise<TargetHealth[]> {
  return await describeHealth(client, name, await groupArn(client, name));
}

async function describeHealth(client: ElasticLoadBalancingV2Client, name: string, arn: string) {
  const { TargetHealthDescriptions = [] } = await callAws(`read the health of target group ${name}`, (options) =>
    client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }), options),
  );
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    id: Target?.Id ?? '',
    port: Target?.Port ?? 0,
    state: TargetHealth?.State ?? 'unknown',
    reason: TargetHealth?.Reason,
  }));
}

async function groupArn(client: ElasticLoadBalancingV2Client, name: string): Promise<string> {
  const { TargetGroups } = await callAws(`find target group ${name}`, (options) =>
    client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options),
  );
  const arn = TargetGroups?.[0]?.TargetGroupArn;
  if (arn === undefined) throw refusal('WiringInvalid', `there is no target group ${name}`);
  return arn;
}
