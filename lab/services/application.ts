import { httpGet } from '../http.ts';
import type { Region } from '../places.ts';
import { known, type Service } from '../service.ts';
import { nodeProgram } from './node-program.ts';

/** The protected application of one region. */
export function application(region: Region): Service {
  return {
    name: `${region}/application`,
    place: region,
    needs: [
      ...['workloads', 'tables', 'stream', 'analytics-tables'],
      ...['postgres', 'redis', 'nats', 'clickhouse'].map((kind) => `${region}/${kind}`),
    ],
    tools: [],
    ports: { application: 8080 },
    readyWithinMs: 30_000,
    programs: (context) => [nodeProgram(context, 'application', 'lab/application/main.ts', { LAB_REGION: region })],
    // Its health depends on who is primary; that it is there shows in its metrics.
    async observe({ host, ports }) {
      await httpGet({ url: `http://${host}:${known(ports, 'application')}/metrics` });
    },
  };
}
