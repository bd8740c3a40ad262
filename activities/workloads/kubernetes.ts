import type { RestoreStep, Snapshot, Step, StepResult, StepWithDatabase } from '../contract.ts';
import type { Deps } from '../deps.ts';
import type { Mark } from '../mark.ts';
import { wiringOf } from '../provider.ts';
import { stepDeadline } from '../step-time.ts';
import { together } from '../together.ts';
import type { WorkloadsVerbs } from './index.ts';
import {
  type AutoscalerState,
  autoscalersOf,
  boundsText,
  lowerAutoscalers,
  restoreAutoscalers,
} from './kubernetes/autoscaler.ts';
import { type Cluster, inCluster } from './kubernetes/cluster.ts';
import {
  type DeploymentState,
  joined,
  type Part,
  rollOut,
  scale,
  scaleAgain,
  stateOf,
} from './kubernetes/deployment.ts';
import { dataFor, type Location, locationIn, locationOf, textOf } from './kubernetes/location.ts';
import { write } from './kubernetes/write.ts';

interface State {
  deployments: DeploymentState[];
  autoscalers: AutoscalerState[];
  location: Location;
}

/**
 * Deployments of one namespace, and the Secret that tells them where the database is. Everything is done in the
 * cluster of the step's `to`, but for standing down, which is done in that of `from`; a Deployment's own `maxSurge` and `maxUnavailable` say how its rollout goes.
 */
export function kubernetes(deps: Deps): WorkloadsVerbs {
  return {
    captureWorkloads: (step) => inCluster(deps, step, (cluster) => capture(cluster, step)),
    scaleWorkloads: (step) => inCluster(deps, step, (cluster) => scaleAll(cluster, step)),
    confirmWorkloads: (step) => inCluster(deps, step, (cluster) => confirm(cluster, step)),
    repointWorkloads: (step) => inCluster(deps, step, (cluster) => repoint(cluster, step)),
    restoreWorkloads: (step) => inCluster(deps, step, (cluster) => restore(cluster, step)),
    standDownWorkloads: (step) => inCluster(deps, otherWay(step), (cluster) => standDown(cluster, step)),
  };
}

async function capture(cluster: Cluster, step: Step): Promise<Snapshot> {
  const { deployments: names, databaseSecret } = wiringOf<'kubernetes'>(step.component, step.to).shared;
  const found = await together(names.map(({ name }) => cluster.deployments.read(name)));
  const deployments = found.map(stateOf);
  const autoscalers = await autoscalersOf(
    cluster,
    deployments.map(({ name }) => name),
  );
  const location = locationIn(await cluster.secrets.read(databaseSecret.name), step);
  const counts = deployments.map(({ name, replicas }) => `${name} at ${replicas}`);
  const bounds = autoscalers.map((autoscaler) => `autoscaler ${autoscaler.name} ${boundsText(autoscaler)}`);
  const state: State = { deployments, autoscalers, location };
  return { detail: [...counts, ...bounds, `database ${textOf(location)}`].join(', '), state };
}

async function scaleAll(cluster: Cluster, step: Step): Promise<StepResult> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.to);
  return joined(await together(shared.deployments.map((wanted) => scale(cluster, step, wanted))));
}

async function confirm(cluster: Cluster, step: Step): Promise<StepResult> {
  const { deployments } = wiringOf<'kubernetes'>(step.component, step.to).shared;
  return joined(await together(deployments.map((wanted) => scaleAgain(cluster, step, wanted))));
}

async function repoint(cluster: Cluster, step: StepWithDatabase): Promise<StepResult> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.to);
  const location = locationOf(step);
  const database = `${textOf(location)}@${step.recovery.epoch}`;
  const mark = { recovery: step.recovery, restored: false };
  const secret = await writeLocation(cluster, step, location, mark);
  const rollouts = shared.deployments.map(({ name }) => rollOut(cluster, mark, { name, database }));
  return joined([secret, ...(await together(rollouts))]);
}

async function restore(cluster: Cluster, step: RestoreStep): Promise<StepResult> {
  const { deployments, autoscalers, location } = step.snapshot.state as State;
  const mark = { recovery: step.recovery, restored: true };
  const secret = await writeLocation(cluster, step, location, mark);
  const bounds = await restoreAutoscalers(cluster, autoscalers, { mark, deadline: stepDeadline() });
  return joined([secret, ...bounds, ...(await together(deployments.map((state) => rollOut(cluster, mark, state))))]);
}

/** A Deployment without a strength of its own for standing by keeps its count. */
async function standDown(cluster: Cluster, step: StepWithDatabase): Promise<StepResult> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.from);
  const location = locationOf(step);
  const database = `${textOf(location)}@${step.recovery.epoch}`;
  const mark = { recovery: step.recovery, restored: false };
  const secret = await writeLocation(cluster, otherWay(step), location, mark);
  const rollouts = shared.deployments.map(async ({ name, standbyReplicas: replicas }) => {
    if (replicas === undefined) return await rollOut(cluster, mark, { name, database });
    const target = { deployment: name, replicas, mark, deadline: stepDeadline() };
    const bounds = await lowerAutoscalers(cluster, target);
    return joined([...bounds, await rollOut(cluster, mark, { name, database, replicas })]);
  });
  return joined([secret, ...(await together(rollouts))]);
}

const otherWay = <S extends Step>(step: S): S => ({ ...step, from: step.to, to: step.from });

/** The Secret goes before every rollout: pods read it as they start. */
async function writeLocation(cluster: Cluster, step: Step, location: Location, mark: Mark): Promise<Part> {
  const { name } = wiringOf<'kubernetes'>(step.component, step.to).shared.databaseSecret;
  const wanted = textOf(location);
  const { before, changed } = await write({
    objects: cluster.secrets,
    name,
    mark,
    deadline: stepDeadline(),
    decide: (secret) => (textOf(locationIn(secret, step)) === wanted ? undefined : { data: dataFor(location, step) }),
  });
  const was = textOf(locationIn(before, step));
  return { changed, detail: changed ? `${name} ${was} → ${wanted}` : `${name} already ${wanted}` };
}
