import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';

export const TEMPORAL_HOST = '127.0.0.1';

/** The settings of production, as the development server takes them. */
const SETTINGS = join(import.meta.dirname, '..', '..', 'deploy', 'temporal', 'dynamic-config.yaml');
const settings: Record<string, { value: unknown }[]> = parse(readFileSync(SETTINGS, 'utf8'));
export const DYNAMIC_CONFIG = Object.entries(settings).flatMap(([name, [setting]]) => [
  '--dynamic-config-value',
  `${name}=${JSON.stringify(setting?.value)}`,
]);

/** Temporal's development server with its UI. Its state is a file, so that it survives a restart. */
export const temporal = (_: Shape, { site }: Placement): Service => ({
  name: `${site}/temporal`,
  place: site,
  // The development server's parts look for each other on this address, whatever it is told to listen on.
  host: TEMPORAL_HOST,
  needs: [],
  tools: ['temporal'],
  ports: { temporal: 7233, 'temporal-ui': 8233, 'temporal-http': 7243, 'temporal-metrics': 7263 },
  readyWithinMs: 30_000,
  programs: ({ folder, host, ports, programs }) => [
    {
      name: 'temporal',
      command: known(programs, 'temporal'),
      args: [
        ...['server', 'start-dev', '--namespace', 'default', '--log-level', 'warn'],
        ...['--db-filename', join(folder, 'temporal.db')],
        ...['--ip', host, '--port', `${known(ports, 'temporal')}`, '--http-port', `${known(ports, 'temporal-http')}`],
        ...['--ui-ip', host, '--ui-port', `${known(ports, 'temporal-ui')}`],
        ...DYNAMIC_CONFIG,
        ...['--metrics-port', `${known(ports, 'temporal-metrics')}`],
      ],
      env: { TEMPORAL_VERSION_CHECK_DISABLED: '1' },
    },
  ],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'temporal-http')}/api/v1/namespaces/default` });
    await httpGet({ url: `http://${host}:${known(ports, 'temporal-ui')}/healthz` });
  },
});
