import { delimiter, join } from 'node:path';
import { httpGet } from '../http.ts';
import { THIRD_PLACE } from '../places.ts';
import { known, type Service } from '../service.ts';
import { type Placement, present, type Shape } from '../shapes/shape.ts';
import { nodeProgram, ROOT } from './node-program.ts';

/** As in docker-compose.yml: V8 and malloc give back what they would otherwise keep, a quarter of a worker's memory. */
const LEAN = { NODE_OPTIONS: '--max-semi-space-size=2', MALLOC_ARENA_MAX: '2' };

/** A Lifeboat worker: of the main task queue in the third place, of the site's own queue elsewhere. */
export function worker(shape: Shape, { site }: Placement): Service {
  const central = site === THIRD_PLACE;
  return {
    name: `${site}/worker`,
    place: site,
    // The plan that it reads is wired to what `aws-objects` makes.
    needs: present(shape, [`${THIRD_PLACE}/temporal`, ...(central ? ['bundle', 'aws-objects'] : [])]),
    tools: [],
    ports: { 'worker-health': 8089, 'worker-metrics': 9464 },
    readyWithinMs: 60_000,
    programs: (context) => {
      const address = (port: string) => `${context.host}:${known(context.ports, port)}`;
      const settings = {
        LIFEBOAT_TASK_QUEUE: central ? 'lifeboat' : `lifeboat-${shape.system}-${site}`,
        LIFEBOAT_VANTAGE: site,
        // The plans of the checkout, and the copies that drills change.
        LIFEBOAT_RUNBOOKS: [join(ROOT, 'runbooks'), join(context.labFolder, 'runbooks')].join(delimiter),
        LIFEBOAT_PLAN_STORE: join(context.labFolder, 'plans'),
        LIFEBOAT_HEALTH_ADDRESS: address('worker-health'),
        LIFEBOAT_METRICS_ADDRESS: address('worker-metrics'),
        ...LEAN,
      };
      return [nodeProgram(context, 'worker', 'workers/main.ts', settings)];
    },
    async observe({ host, ports }) {
      await httpGet({ url: `http://${host}:${known(ports, 'worker-health')}/readyz` });
    },
  };
}
