import type { WiredComponent } from '../../recovery-plan.ts';
import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { quoted, secretFile } from '../shell.ts';
import type { Recorded } from '../standing.ts';

type Step = HandStep<'kubernetes'>;

/** Where workloads find their database; null where the Secret has no such key. */
interface Location {
  host: string | null;
  port: string | null;
}

/** As captureWorkloads records it. */
interface State {
  deployments: { name: string; replicas: number; database: string | null }[];
  autoscalers: { name: string; deployment: string; minReplicas: number | null; maxReplicas: number }[];
  location: Location;
}

/** The annotation of the pod template that a rollout changes; see activities/workloads/kubernetes/deployment.ts. */
const DATABASE = 'lifeboat.dev/database';

function kubectl(step: Step, region: string, command: string): string {
  const { kubeconfigSecret } = wiredIn(step, region);
  return `kubectl --kubeconfig ${secretFile(kubeconfigSecret)} --namespace ${quoted(step.shared.namespace)} ${command}`;
}

const merge = (step: Step, region: string, object: string, patch: object) =>
  kubectl(step, region, `patch ${object} --type merge --patch ${quoted(JSON.stringify(patch))}`);

const rolledOut = (step: Step, region: string, name: string) =>
  kubectl(step, region, `rollout status deployment/${name} --timeout 5m`);

function scale(step: Step): Instruction[] {
  const { to, shared } = step;
  return shared.deployments.map(({ name, replicas }) => ({
    say: `Scale \`${name}\` in ${to} up to **${replicas}**${was(step, name)}, the minimum of an autoscaler first. If it has more already, leave it.`,
    run: [
      kubectl(step, to, `get deployment/${name}`),
      ...raiseAutoscalers(step, name, replicas),
      kubectl(step, to, `scale deployment/${name} --replicas ${replicas}`),
      rolledOut(step, to, name),
    ].join('\n'),
  }));
}

function was({ recorded }: Step, name: string): string {
  const found = (recorded?.state as State | undefined)?.deployments.find((deployment) => deployment.name === name);
  return found === undefined ? '' : ` (it was at ${found.replicas})`;
}

function raiseAutoscalers(step: Step, deployment: string, replicas: number): string[] {
  const recorded = (step.recorded?.state as State | undefined)?.autoscalers ?? [];
  return recorded
    .filter((each) => each.deployment === deployment && (each.minReplicas ?? 1) < replicas)
    .map(({ name, maxReplicas }) =>
      bound(step, name, { minReplicas: replicas, maxReplicas: Math.max(replicas, maxReplicas) }),
    );
}

const bound = (step: Step, name: string, spec: { minReplicas: number | null; maxReplicas: number }) =>
  merge(step, step.to, `horizontalpodautoscaler/${name}`, { spec });

/** Lifeboat's own annotation, so that it would find done what people have done. */
const template = (database: string | null) => ({ metadata: { annotations: { [DATABASE]: database } } });

function locate(step: Step, region: string, { host, port }: Location): string {
  const { name, hostKey, portKey } = step.shared.databaseSecret;
  const encoded = (text: string | null) => (text === null ? null : btoa(text));
  return merge(step, region, `secret/${name}`, { data: { [hostKey]: encoded(host), [portKey]: encoded(port) } });
}

const textOf = ({ host, port }: Location) => `${host ?? '(no host)'}:${port ?? '(no port)'}`;

function locationOf(database: WiredComponent | undefined, region: string): Location {
  const found = database?.wiring.regions[region];
  if (found === undefined || !('host' in found && 'port' in found))
    throw new Error('the database has no host and port');
  return { host: found.host, port: `${found.port}` };
}

function repoint(step: Step): Instruction[] {
  const { to, shared, recorded } = step;
  const location = locationOf(step.database, to);
  const before = (recorded?.state as State | undefined)?.location;
  const from = before === undefined ? '' : `, in place of ${textOf(before)}`;
  return [
    {
      say: `Point the workloads in ${to} at the database in ${to}: the Secret \`${shared.databaseSecret.name}\` says **${textOf(location)}**${from}.`,
      run: locate(step, to, location),
    },
    ...shared.deployments.map(({ name }) => rollOut(step, to, name, location)),
  ];
}

function rollOut(step: Step, region: string, name: string, location: Location, replicas?: number): Instruction {
  const database = `${textOf(location)}@${step.recovery.epoch}`;
  const spec = { ...(replicas !== undefined && { replicas }), template: template(database) };
  const strength = replicas === undefined ? '' : ` at ${replicas}`;
  return {
    say: `Roll \`${name}\` out${strength}, so that its pods read the Secret.`,
    run: [merge(step, region, `deployment/${name}`, { spec }), rolledOut(step, region, name)].join('\n'),
  };
}

function standDown(step: Step): Instruction[] {
  const { from, to, shared } = step;
  const location = locationOf(step.database, to);
  return [
    {
      say: `Point the workloads in ${from} at the database in ${to}: **${textOf(location)}**.`,
      run: locate(step, from, location),
    },
    ...shared.deployments.map(({ name, standbyReplicas }) => rollOut(step, from, name, location, standbyReplicas)),
  ];
}

/** The step's `to` is where it was recorded. */
function putBack(step: Step, { state }: Recorded): Instruction[] {
  const { to } = step;
  const { deployments, autoscalers, location } = state as State;
  return [
    { say: `Put the database's place in ${to} back: ${textOf(location)}.`, run: locate(step, to, location) },
    ...autoscalers.map(({ name, minReplicas, maxReplicas }) => ({
      say: `Put the bounds of the autoscaler \`${name}\` in ${to} back to ${minReplicas ?? 1} and ${maxReplicas}.`,
      run: bound(step, name, { minReplicas, maxReplicas }),
    })),
    ...deployments.map(({ name, replicas, database }) => ({
      say: `Put \`${name}\` in ${to} back to **${replicas}**, and roll it out.`,
      run: [
        merge(step, to, `deployment/${name}`, { spec: { replicas, template: template(database) } }),
        rolledOut(step, to, name),
      ].join('\n'),
    })),
  ];
}

export const kubernetes: ByHand<'kubernetes'> = {
  tools: ['kubectl'],
  actions: { 'scale-workloads': scale, 'repoint-workloads': repoint, 'stand-down-workloads': standDown },
  putBack,
};
