import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { allotPorts } from '../../lab/ports.ts';
import { DYNAMIC_CONFIG } from '../../lab/services/temporal.ts';
import { ensureTools } from '../../lab/setup/index.ts';
import { STANDBY, twoSites } from '../../lab/shapes/two-sites.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { regionTaskQueue, TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { cpuSeconds } from '../process-use.ts';
import { forgetPeak, peakMegabytes } from '../recovery/memory.ts';
import { begin, type Running } from '../storm/process.ts';

const HOST = '127.0.0.1';
const READY_MS = 120_000;

/** What the processes have used so far. */
export interface Use {
  /** Seconds of processor time: of the worker that makes all decisions, and of Temporal. */
  workerCpu: number;
  temporalCpu: number;
  /** The most that the worker had resident since it was last asked, in megabytes. */
  workerMegabytes: number;
}

/** A Temporal server with its state in a file, a worker, and one in the region to move to, each a process. */
export interface Place {
  client: Client;
  use(): Use;
  close(): Promise<void>;
}

/** @param asked is told the workflow id of each recovery that asks people to decide */
export async function setUp(stepMs: number, asked: (workflowId: string) => void): Promise<Place> {
  const { temporal: program = '' } = await ensureTools(['temporal']);
  // Once, and not while a worker is waited for.
  await workflowBundle();
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-fleet-'));
  const names = ['temporal', 'http'];
  const ports = await allotPorts(names.map((name, at) => ({ name, preferred: 27_333 + at, hosts: [HOST] })));
  const address = `${HOST}:${ports['temporal']}`;
  process.env['TEMPORAL_ADDRESS'] = address;
  const client = openClient();
  const temporal = begin(folder, 'temporal', program, temporalArguments(folder, ports), {});
  const workers: Running[] = [];
  async function close() {
    await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
    await closeClient(client);
    await temporal.end('SIGKILL');
    rmSync(folder, { recursive: true });
  }
  try {
    await ready('Temporal', () => client.workflowService.describeNamespace({ namespace: 'default' }));
    for (const queue of [TASK_QUEUE, regionTaskQueue({ regionWorkers: twoSites.system }, STANDBY)]) {
      const args = [join(import.meta.dirname, 'worker.ts'), queue, `${stepMs}`];
      const env = { TEMPORAL_ADDRESS: address, LOG_LEVEL: 'error' };
      workers.push(begin(folder, queue, process.execPath, args, env, (message) => asked(String(message))));
      await ready(`the worker of ${queue}`, () => polled(client, queue));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [{ pid: main }] = workers as [Running];
  return { client, use: () => useOf(main, temporal.pid), close };
}

function useOf(worker: number, temporal: number): Use {
  const workerMegabytes = peakMegabytes(worker);
  forgetPeak(worker);
  return { workerCpu: cpuSeconds(worker), temporalCpu: cpuSeconds(temporal), workerMegabytes };
}

const ready = (what: string, look: () => Promise<unknown>) => eventually({ what, withinMs: READY_MS }, look);

async function polled(client: Client, name: string): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name },
    taskQueueType: 2,
  });
  if (!pollers?.length) throw new Error('it does not poll yet');
}

function temporalArguments(folder: string, ports: Record<string, number>): string[] {
  return [
    ...['server', 'start-dev', '--headless', '--namespace', 'default', '--log-level', 'error'],
    ...DYNAMIC_CONFIG,
    ...['--db-filename', join(folder, 'temporal.db')],
    ...['--ip', HOST, '--port', `${ports['temporal']}`, '--http-port', `${ports['http']}`],
  ];
}
