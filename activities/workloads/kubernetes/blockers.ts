import type { V1ContainerStatus, V1Deployment, V1Pod } from '@kubernetes/client-node';

/** Containers wait for these while all is well. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

/** A registry may answer with a whole page. */
const MOST_CHARACTERS = 400;

/** The controller cannot create pods: an admission webhook or a quota denies them, in the API server's own words. */
export function replicaFailureOf({ status }: V1Deployment): string | undefined {
  const failure = status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  return failure?.status === 'True' ? short(failure.message ?? failure.reason ?? 'ReplicaFailure') : undefined;
}

/** Lists why a Deployment's pods do not come, in the words of Kubernetes: each reason once, with the number of its pods. */
export function blockersOf(deployment: V1Deployment, pods: readonly V1Pod[]): string[] {
  const failure = replicaFailureOf(deployment);
  const stuck = deployment.status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False');
  const byReason = Map.groupBy(pods.flatMap(troubleOf), ({ reason }) => reason);
  return [
    ...(failure === undefined ? [] : [failure]),
    ...[...byReason].map(([reason, all]) => `${all.length} of its pods: ${reason}${all[0]?.message ?? ''}`),
    ...(stuck === undefined ? [] : [short(stuck.message ?? stuck.reason ?? 'it makes no progress')]),
  ];
}

interface Trouble {
  reason: string;
  message: string;
}

function troubleOf({ metadata, status }: V1Pod): Trouble[] {
  if (metadata?.deletionTimestamp !== undefined) return [];
  const { initContainerStatuses = [], containerStatuses = [], conditions = [] } = status ?? {};
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(troubleOfContainer);
  const unscheduled = conditions.filter(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const troubles = unscheduled.map(({ reason, message }) => trouble(reason ?? 'not scheduled', message));
  return [...waiting, ...troubles].slice(0, 1);
}

function troubleOfContainer({ state, lastState }: V1ContainerStatus): Trouble[] {
  const reason = state?.waiting?.reason;
  if (reason === undefined || STARTING.has(reason)) return [];
  const ended = lastState?.terminated;
  if (ended === undefined) return [trouble(reason, state?.waiting?.message)];
  return [trouble(reason, `last ended with exit code ${ended.exitCode} (${ended.reason ?? 'no reason'})`)];
}

const trouble = (reason: string, message: string | undefined): Trouble => ({
  reason,
  message: message ? `: ${short(message)}` : '',
});

function short(text: string): string {
  const characters = [...text.trim()];
  return characters.length <= MOST_CHARACTERS ? text.trim() : `${characters.slice(0, MOST_CHARACTERS).join('')}…`;
}
