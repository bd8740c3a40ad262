import type { KubernetesObject } from '@kubernetes/client-node';
import { type Mark, markText, refuseIfOvertaken } from '../../mark.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import type { Objects } from './cluster.ts';

/** The annotation on each object that a recovery writes. */
export const MARK = 'lifeboat.dev/recovery';

/** Shorter than a pod needs to start: a lost race or a finished rollout is seen at once. */
export const LOOK_MS = 100;

interface Write<O> {
  objects: Objects<O>;
  name: string;
  mark: Mark;
  /** When to give up, in milliseconds since 1970. */
  deadline: number;
  /** What to merge into the object as it is now; undefined when it is as it should be. */
  decide(object: O): object | undefined;
}

/**
 * Looks at an object and writes only over what it has seen: a write in between makes it look again. The object is
 * marked with the recovery even when nothing else changes, so that executors that come late are refused from then on.
 *
 * Merge patches with a `resourceVersion` and no server-side apply: an apply takes back each field that its manager
 * leaves out, so that a rollout which names no replica count would undo the scaling before it.
 *
 * @throws LeaseLost when a later recovery has marked the object, or this one has put it back
 */
export function write<O extends KubernetesObject>(ask: Write<O>): Promise<{ before: O; changed: boolean }> {
  const { objects, name } = ask;
  const mark = markText(ask.mark);
  const what = `a write to ${objects.kind} ${name} that nobody else comes between`;
  return until({ what, timeoutMs: leftMs(ask.deadline), everyMs: LOOK_MS }, async (note) => {
    const before = await objects.read(name);
    const found = before.metadata?.annotations?.[MARK];
    refuseIfOvertaken(found, ask.mark, `${objects.kind} ${name}`);
    const patch = ask.decide(before);
    if (patch === undefined && found === mark) return { before, changed: false };
    const resourceVersion = before.metadata?.resourceVersion;
    const metadata = { resourceVersion, annotations: { [MARK]: mark } };
    const written = await objects.merge(name, { metadata, ...patch });
    if (written !== undefined) return { before, changed: patch !== undefined };
    note('somebody else wrote at the same time');
    return undefined;
  });
}
