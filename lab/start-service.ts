import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { eventually } from './eventually.ts';
import type { Context, Program, Service } from './service.ts';
import { type ProcessRecord, startProgram, stateOf } from './supervisor.ts';

const LOG_LINES = 12;

/** Prepares and starts a service and waits until it answers. A program that ends on the way is reported with its log. */
export async function startService(service: Service, context: Context, signal?: AbortSignal): Promise<void> {
  await mkdir(context.folder, { recursive: true });
  await service.prepare?.(context);
  // What is prepared ends by itself, and on a busy machine it takes its time.
  const deadline = Date.now() + service.readyWithinMs * patience();
  const started: ProcessRecord[] = [];
  const wait = (what: string, look: () => Promise<void>) =>
    eventually({ what, withinMs: deadline - Date.now(), signal, hopeless: () => refuseIfEnded(started) }, look);

  for (const program of service.programs(context)) {
    signal?.throwIfAborted();
    started.push(startProgram(service.name, program, context.folder));
    await readiness(program, service, wait);
  }
  await wait(service.name, () => service.observe(context));
}

/** On a machine that is busy with much else everything takes longer. 1 up to a load of five per core. */
function patience(): number {
  const [load = 0] = loadavg();
  return Math.max(1, load / availableParallelism() / 5);
}

async function readiness(
  { name, ready }: Program,
  service: Service,
  wait: (what: string, look: () => Promise<void>) => Promise<void>,
): Promise<void> {
  if (ready) await wait(`${name} of ${service.name}`, ready);
}

function refuseIfEnded(started: readonly ProcessRecord[]): void {
  const ended = started.find((record) => stateOf(record) === 'gone');
  if (ended)
    throw new Error(`${ended.service}: ${ended.program} ended by itself. The end of its log:\n${tail(ended.log)}`);
}

function tail(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
