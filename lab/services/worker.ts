import { httpGet } from '../http.ts';
import { type Place, THIRD_PLACE } from '../places.ts';
import { type Context, known, type Service } from '../service.ts';
import { recordsIn } from '../supervisor.ts';
import { nodeProgram } from './node-program.ts';
import { TEMPORAL_HOST } from './temporal.ts';

/** As in docker-compose.yml: V8 and malloc give back what they would otherwise keep, a quarter of a worker's memory. */
const LEAN = { NODE_OPTIONS: '--max-semi-space-size=2', MALLOC_ARENA_MAX: '2' };

/** A Lifeboat worker: of the main task queue in the third place, of the region's own queue in a region. */
export function worker(place: Place): Service {
  const queue = place === THIRD_PLACE ? 'lifeboat' : `lifeboat-${place}`;
  const settings = { LIFEBOAT_TASK_QUEUE: queue, LIFEBOAT_VANTAGE: place, ...LEAN };
  return {
    name: `${place}/worker`,
    place,
    needs: [`${THIRD_PLACE}/temporal`, ...(place === THIRD_PLACE ? ['bundle'] : [])],
    tools: [],
    ports: {},
    readyWithinMs: 60_000,
    programs: (context) => [nodeProgram(context, 'worker', 'workers/main.ts', settings)],
    observe: (context) => polls(context, queue),
  };
}

/** Temporal remembers pollers for minutes, so this very process must be among them. */
async function polls({ folder, ports }: Context, queue: string): Promise<void> {
  const temporal = `http://${TEMPORAL_HOST}:${known(ports, 'temporal-http')}/api/v1/namespaces/default`;
  const body = await httpGet({
    url: `${temporal}/task-queues/${queue}?taskQueueType=TASK_QUEUE_TYPE_ACTIVITY`,
  });
  const { pollers = [] } = JSON.parse(body) as { pollers?: { identity: string }[] };
  const pids = recordsIn(folder, 0).map(({ pid }) => pid);
  const found = pollers.some(({ identity }) => pids.some((pid) => identity.startsWith(`${pid}@`)));
  if (!found) throw new Error(`the worker does not poll ${queue} yet`);
}
