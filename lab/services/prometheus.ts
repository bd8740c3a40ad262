import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpGet } from '../http.ts';
import { type Context, known, type Service } from '../service.ts';
import { type Placement, present, type Shape, servingSites } from '../shapes/shape.ts';
import { TEMPORAL_HOST } from './temporal.ts';

/** Scrapes the sites from outside, and alerts by the rules of its shape. */
export const prometheus = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/prometheus`,
  place: site,
  // It looks for its targets every five seconds only, so it is started early.
  needs: present(shape, [`${site}/alertmanager`]),
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
});

function configuration({ host, hosts, ports, shape }: Context): unknown {
  const target = (address: string, port: string) => [`${address}:${known(ports, port)}`];
  const applications = servingSites(shape)
    .filter((site) => present(shape, [`${site}/application`]).length > 0)
    .map((site) => ({ targets: target(known(hosts, site), 'application'), labels: { region: site } }));
  return {
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    rule_files: shape.alertRules === null ? [] : [shape.alertRules],
    alerting: {
      alertmanagers: [{ timeout: '2s', static_configs: [{ targets: target(host, 'alertmanager') }] }],
    },
    scrape_configs: [
      { job_name: 'application', static_configs: applications },
      { job_name: 'client', static_configs: [{ targets: target(host, 'client') }] },
      { job_name: 'backups', static_configs: [{ targets: target(host, 'backups') }] },
      { job_name: 'gateway', static_configs: [{ targets: target(host, 'gateway') }] },
      { job_name: 'temporal', static_configs: [{ targets: target(TEMPORAL_HOST, 'temporal-metrics') }] },
    ],
  };
}
