import type { RestoreStep, Snapshot, Step, StepResult, StepWithDatabase } from '../contract.ts';
import type { Deps } from '../deps.ts';
import type { Mark } from '../mark.ts';
import { wiringOf } from '../provider.ts';
import { stepDeadline } from '../step-time.ts';
import { together } from '../together.ts';
import type { WorkloadsVerbs } from './index.ts';
import { type Cluster, inCluster } from './kubernetes/cluster.ts';
import { type DeploymentState, type Part, rollOut, scale, stateOf } from './kubernetes/deployment.ts';
import { dataFor, type Location, locationIn, locationOf, textOf } from './kubernetes/location.ts';
import { write } from './kubernetes/write.ts';

interface State {
  deployments: DeploymentState[];
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
    repointWorkloads: (step) => inCluster(deps, step, (cluster) => repoint(cluster, step)),
    restoreWorkloads: (step) => inCluster(deps, step, (cluster) => restore(cluster, step)),
    standDownWorkloads: (step) => inCluster(deps, otherWay(step), (cluster) => standDown(cluster, step)),
  };
}

async function capture({ deployments, secrets }: Cluster, step: Step): Promise<Snapshot> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.to);
  const found = await together(shared.deployments.map(({ name }) => deployments.read(name)));
  const state: State = {
    deployments: found.map(stateOf),
    location: locationIn(await secrets.read(shared.databaseSecret.name), step),
  };
  const counts = state.deployments.map(({ name, replicas }) => `${name} at ${replicas}`).join(', ');
  return { detail: `${counts}, database ${textOf(state.location)}`, state };
}

async function scaleAll(cluster: Cluster, step: Step): Promise<StepResult> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.to);
  return joined(await together(shared.deployments.map((wanted) => scale(cluster, step, wanted))));
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
  const { deployments, location } = step.snapshot.state as State;
  const mark = { recovery: step.recovery, restored: true };
  const secret = await writeLocation(cluster, step, location, mark);
  return joined([secret, ...(await together(deployments.map((state) => rollOut(cluster, mark, state))))]);
}

/** A Deployment without a strength of its own for standing by keeps its count. */
async function standDown(cluster: Cluster, step: StepWithDatabase): Promise<StepResult> {
  const { shared } = wiringOf<'kubernetes'>(step.component, step.from);
  const location = locationOf(step);
  const database = `${textOf(location)}@${step.recovery.epoch}`;
  const mark = { recovery: step.recovery, restored: false };
  const secret = await writeLocation(cluster, otherWay(step), location, mark);
  const rollouts = shared.deployments.map(({ name, standbyReplicas: replicas }) =>
    rollOut(cluster, mark, { name, database, ...(replicas !== undefined && { replicas }) }),
  );
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

function joined(parts: Part[]): StepResult {
  return { changed: parts.some(({ changed }) => changed), detail: parts.map(({ detail }) => detail).join('; ') };
}
