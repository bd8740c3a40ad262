import type { Lab } from './lab.ts';
import { isService } from './registry.ts';
import type { Service, Task } from './service.ts';
import { endAll, recordsIn } from './supervisor.ts';

export interface Progress {
  /** A service or a task. */
  name: string;
  state: 'starting' | 'ready';
  /** How long it took; 0 while starting. */
  seconds: number;
}

interface Starting {
  /** Told of each service and task as it starts and is ready. */
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** Starts everything as early as its needs allow. The first failure, or an abort, stops the rest and is thrown. */
export async function startAll(nodes: readonly (Service | Task)[], lab: Lab, options: Starting): Promise<void> {
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const started = startInOrder(nodes, (node) => run(node, lab, signal, options.onProgress));
  for (const promise of started) promise.catch((error) => failure.abort(error));
  try {
    await Promise.race([Promise.all(started), rejectsOn(signal)]);
  } catch (error) {
    // A task may wait for a service that will never be ready: the end of what it talks to sets it free.
    await endAll(recordsIn(lab.folder));
    await Promise.allSettled(started);
    throw error;
  }
}

function startInOrder(nodes: readonly (Service | Task)[], run: (node: Service | Task) => Promise<void>) {
  const started = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const node = nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`nothing is named "${name}"`);
    const promise = started.get(name) ?? Promise.all(node.needs.map(start)).then(() => run(node));
    started.set(name, promise);
    return promise;
  };
  return nodes.map(({ name }) => start(name));
}

function rejectsOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function run(
  node: Service | Task,
  lab: Lab,
  signal: AbortSignal,
  onProgress: Starting['onProgress'],
): Promise<void> {
  signal.throwIfAborted();
  const since = performance.now();
  onProgress?.({ name: node.name, state: 'starting', seconds: 0 });
  await (isService(node) ? lab.startService(node.name, signal) : node.run(lab));
  onProgress?.({ name: node.name, state: 'ready', seconds: (performance.now() - since) / 1000 });
}
