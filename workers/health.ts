import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';

const TIMEOUT_MS = 2_000;

/** What the endpoints look at; the worker is there once it is made. */
export interface Vitals {
  connection: Pick<NativeConnection, 'withDeadline' | 'workflowService'>;
  worker: Pick<Worker, 'getState'> | null;
}

/**
 * Health over HTTP at `host:port`. `/healthz`: the process runs and its event loop turns. `/readyz`: its worker polls
 * and Temporal answers; 503 with the reason otherwise.
 */
export async function serveHealth(address: string, vitals: Vitals): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url === '/healthz') return answer(200, { status: 'alive' });
    if (url !== '/readyz') return answer(404, { error: 'there are /healthz and /readyz' });
    const why = await notReadyBecause(vitals);
    return why === null ? answer(200, { status: 'ready' }) : answer(503, { status: 'not ready', why });
  });
  const at = address.lastIndexOf(':');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address.slice(0, at), port: Number(address.slice(at + 1)) }, resolve);
  });
  return server;
}

async function notReadyBecause({ worker, connection }: Vitals): Promise<string | null> {
  const state = worker?.getState() ?? 'INITIALIZED';
  if (state !== 'RUNNING') return `the worker is ${state.toLowerCase()}`;
  try {
    const asked = connection.withDeadline(Date.now() + TIMEOUT_MS, () => connection.workflowService.getSystemInfo({}));
    // The connection tries again for longer than its deadline; probes wait less.
    const late = sleep(TIMEOUT_MS, undefined, { ref: false }).then(() =>
      Promise.reject(new Error('nothing within 2 s')),
    );
    await Promise.race([asked, late]);
    return null;
  } catch (error) {
    return `Temporal does not answer: ${(error as Error).message}`;
  }
}
