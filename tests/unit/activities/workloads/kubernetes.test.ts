import type { V1Deployment, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { blockersOf } from '../../../../activities/workloads/kubernetes/blockers.ts';
import { isAtStrength, progressOf, whoScaled } from '../../../../activities/workloads/kubernetes/rollout.ts';

type Status = NonNullable<V1Deployment['status']>;

function deployment(replicas: number, status: Status = {}, metadata: V1Deployment['metadata'] = {}): V1Deployment {
  const spec = { replicas, selector: {}, template: {} };
  return { metadata: { name: 'api', generation: 3, ...metadata }, spec, status: { observedGeneration: 3, ...status } };
}

const pods = (count: number): Status => ({ replicas: count, updatedReplicas: count, readyReplicas: count });

describe('strength', () => {
  test.each([
    ['the number of the plan', deployment(6, pods(6)), true],
    ['more than the plan asks for', deployment(8, pods(8)), true],
    ['as many as another writer lowered it to', deployment(2, pods(2)), false],
    ['pods that are still there after another writer lowered it', deployment(2, pods(6)), false],
    ['fewer than are asked for', deployment(6, pods(2)), false],
    ['pods of an older template', deployment(6, { ...pods(6), replicas: 12 }), false],
    ['pods that are not ready', deployment(6, { ...pods(6), readyReplicas: 5 }), false],
    ['a status from before the last change', deployment(6, { ...pods(6), observedGeneration: 2 }), false],
  ])('%s', (_, found, strong) => {
    expect(isAtStrength(found, 6)).toBe(strong);
  });
});

test('progress is against the number of the plan, and a lower count is named', () => {
  expect(progressOf(deployment(2, pods(2)), 6)).toBe('api: 2 ready and 2 updated of 6; only 2 are asked for');
});

describe('who set the count', () => {
  const SEEN = new Date('2026-03-01T03:12:11Z');
  const wrote = (manager: string, at: string | null, spec: object) => ({
    manager,
    ...(at !== null && { time: new Date(`2026-03-01T${at}Z`) }),
    fieldsV1: { 'f:spec': spec },
  });

  test('is the last writer of that very field, and when', () => {
    const managedFields = [
      wrote('lifeboat', '03:12:00', { 'f:replicas': {} }),
      wrote('kubectl', '03:12:04', { 'f:replicas': {} }),
      wrote('kube-controller-manager', '03:12:09', { 'f:template': {} }),
    ];
    expect(whoScaled(deployment(2, {}, { managedFields }), SEEN)).toBe('kubectl at 03:12:04 UTC');
  });

  test('is when it was seen, for a write through the scale subresource', () => {
    const managedFields = [
      wrote('lifeboat', '03:12:00', { 'f:replicas': {} }),
      wrote('kube-controller-manager', null, { 'f:replicas': {} }),
    ];
    expect(whoScaled(deployment(2, {}, { managedFields }), SEEN)).toBe('kube-controller-manager at 03:12:11 UTC');
  });

  test('is not made up where the API server has no record', () => {
    expect(whoScaled(deployment(2), SEEN)).toBe('an unknown writer at 03:12:11 UTC');
  });
});

describe('what keeps pods from coming', () => {
  const pod = (status: V1PodStatus): V1Pod => ({ metadata: { name: 'api-1' }, status });
  const waiting = (reason: string, message?: string, exitCode?: number): V1Pod => {
    const lastState = exitCode === undefined ? {} : { terminated: { exitCode, reason: 'OOMKilled' } };
    const state = { waiting: { reason, ...(message && { message }) } };
    return pod({
      containerStatuses: [{ name: 'api', image: '', imageID: '', ready: false, restartCount: 1, state, lastState }],
    });
  };
  const condition = (type: string, status: string, message: string) => ({ conditions: [{ type, status, message }] });

  test('is nothing while they start', () => {
    expect(blockersOf(deployment(6, pods(2)), [waiting('ContainerCreating'), pod({ phase: 'Running' })])).toEqual([]);
  });

  test('a quota or an admission webhook denies them, in the words of the API server', () => {
    const denied = 'pods "api-1" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2';
    expect(blockersOf(deployment(6, condition('ReplicaFailure', 'True', denied)), [])).toEqual([denied]);
    expect(blockersOf(deployment(6, condition('ReplicaFailure', 'False', denied)), [])).toEqual([]);
  });

  test('images that are not pulled and containers that crash, each once with its number of pods', () => {
    const pull = waiting('ImagePullBackOff', 'Back-off pulling image "api:2"');
    expect(blockersOf(deployment(6), [pull, pull, waiting('CrashLoopBackOff', 'back-off 5m0s', 137)])).toEqual([
      '2 of its pods: ImagePullBackOff: Back-off pulling image "api:2"',
      '1 of its pods: CrashLoopBackOff: last ended with exit code 137 (OOMKilled)',
    ]);
  });

  test('no node has room, and a rollout that makes no progress', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }];
    const stuck = deployment(6, condition('Progressing', 'False', 'has timed out progressing'));
    expect(blockersOf(stuck, [pod({ conditions })])).toEqual([
      '1 of its pods: Unschedulable: 0/3 nodes',
      'has timed out progressing',
    ]);
  });

  test('a pod that is going away blocks nothing, and a page of text is cut', () => {
    const gone = { ...waiting('ErrImagePull'), metadata: { deletionTimestamp: new Date() } };
    expect(blockersOf(deployment(6), [gone])).toEqual([]);
    expect(blockersOf(deployment(6), [waiting('ErrImagePull', 'x'.repeat(10_000))])[0]?.length).toBeLessThan(500);
  });
});
