import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpGet } from '../http.ts';
import { REGIONS, THIRD_PLACE } from '../places.ts';
import { type Context, known, type Service } from '../service.ts';
import { TEMPORAL_HOST } from './temporal.ts';

const RULES = join(import.meta.dirname, 'prometheus-rules.yaml');

/** Scrapes both regions from outside, and alerts by the rules beside this file. */
export const prometheus: Service = {
  name: `${THIRD_PLACE}/prometheus`,
  place: THIRD_PLACE,
  // It looks for its targets every five seconds only, so it is started early.
  needs: [`${THIRD_PLACE}/alertmanager`],
  tools: ['prometheus'],
  ports: { prometheus: 9090 },
  readyWithinMs: 30_000,
  prepare: (context) => writeFile(join(context.folder, 'prometheus.yml'), stringify(configuration(context))),
  programs: ({ folder, host, ports, programs }) => [
    {
      name: 'prometheus',
      command: known(programs, 'prometheus'),
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${host}:${known(ports, 'prometheus')}`,
        `--web.external-url=http://${host}:${known(ports, 'prometheus')}/`,
        // A restarted Prometheus must not make a firing alert wait again.
        '--rules.alert.for-grace-period=0s',
        '--log.level=warn',
      ],
    },
  ],
  async observe({ host, ports }) {
    const api = `http://${host}:${known(ports, 'prometheus')}/api/v1`;
    const { data } = JSON.parse(await httpGet({ url: `${api}/alertmanagers` }));
    if (data.activeAlertmanagers.length === 0) throw new Error('Prometheus has not found Alertmanager yet');
  },
};

function configuration({ host, hosts, ports }: Context): unknown {
  const target = (address: string, port: string) => [`${address}:${known(ports, port)}`];
  return {
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    rule_files: [RULES],
    alerting: {
      alertmanagers: [{ timeout: '2s', static_configs: [{ targets: target(host, 'alertmanager') }] }],
    },
    scrape_configs: [
      {
        job_name: 'application',
        static_configs: REGIONS.map((region) => ({
          targets: target(hosts[region], 'application'),
          labels: { region },
        })),
      },
      { job_name: 'client', static_configs: [{ targets: target(host, 'client') }] },
      { job_name: 'backups', static_configs: [{ targets: target(host, 'backups') }] },
      { job_name: 'gateway', static_configs: [{ targets: target(host, 'gateway') }] },
      { job_name: 'temporal', static_configs: [{ targets: target(TEMPORAL_HOST, 'temporal-metrics') }] },
    ],
  };
}
