import { httpGet } from '../http.ts';
import { type Context, known, type Service } from '../service.ts';
import { kubeconfigSecret, namespaceOf, type Placement, type Shape } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** The protected application of one site. */
export function application(shape: Shape, { site }: Placement): Service {
  return {
    name: `${site}/application`,
    place: site,
    needs: [
      ...['workloads', 'tables', 'stream', 'analytics-tables'],
      ...['postgres', 'redis', 'nats', 'clickhouse'].map((kind) => `${site}/${kind}`),
    ],
    tools: [],
    ports: { application: 8080 },
    readyWithinMs: 30_000,
    programs: (context) => [
      nodeProgram(context, 'application', 'lab/application/main.ts', settings(shape, context, site)),
    ],
    // Its health depends on who is primary; that it is there shows in its metrics.
    async observe({ host, ports }) {
      await httpGet({ url: `http://${host}:${known(ports, 'application')}/metrics` });
    },
  };
}

function settings(shape: Shape, { host }: Context, site: string): Record<string, string> {
  const { name, users } = shape.database;
  return {
    LAB_SITE: site,
    LAB_HOST: host,
    LAB_DATABASE: name,
    LAB_DATABASE_USER: users.application.name,
    LAB_DATABASE_SECRET: users.application.secret,
    LAB_KUBECONFIG_SECRET: kubeconfigSecret(shape, site),
    LAB_NAMESPACE: namespaceOf(shape),
    LAB_ANALYTICS_DATABASE: shape.analytics ?? '',
    LAB_CACHE_PREFIX: shape.cachePrefix ?? '',
  };
}
