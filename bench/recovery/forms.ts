import { dependencyOrder, type Node } from '../../plan/graph.ts';
import type { Operation } from './operations.ts';

/** Does phases without an engine; each answers what it consists of when it starts. */
export type Form = <P extends Node>(phases: readonly P[], operationsOf: (phase: P) => Operation[]) => Promise<void>;

/** One operation after the other, as a shell script does. */
export const oneAfterAnother: Form = async (phases, operationsOf) => {
  for (const phase of dependencyOrder(phases)) {
    for (const operate of operationsOf(phase)) await operate();
  }
};

/** Each phase as soon as all that it needs is done: the time of the critical path. */
export const alongTheGraph: Form = async (phases, operationsOf) => {
  const done = new Map<string, Promise<unknown>>();
  for (const phase of dependencyOrder(phases)) {
    const needs = Promise.all(phase.needs.map((need) => done.get(need)));
    done.set(
      phase.name,
      needs.then(() => Promise.all(operationsOf(phase).map((operate) => operate()))),
    );
  }
  await Promise.all(done.values());
};
