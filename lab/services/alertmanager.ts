import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpGet } from '../http.ts';
import { type Context, known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';

/** Hands alerts to Lifeboat's gateway at once, and says when they are over. */
export const alertmanager = (_: Shape, { site }: Placement): Service => ({
  name: `${site}/alertmanager`,
  place: site,
  needs: [],
  tools: ['prometheus-alertmanager'],
  ports: { alertmanager: 9093 },
  readyWithinMs: 30_000,
  prepare: (context) => writeFile(join(context.folder, 'alertmanager.yml'), stringify(configuration(context))),
  programs: ({ folder, host, ports, programs }) => [
    {
      name: 'alertmanager',
      command: known(programs, 'alertmanager'),
      args: [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${host}:${known(ports, 'alertmanager')}`,
        `--web.external-url=http://${host}:${known(ports, 'alertmanager')}/`,
        // One instance: nobody to gossip with.
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
    },
  ],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'alertmanager')}/-/ready` });
  },
});

function configuration({ host, ports, secrets }: Context): unknown {
  return {
    route: { receiver: 'lifeboat', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
    receivers: [
      {
        name: 'lifeboat',
        webhook_configs: [
          {
            url: `http://${host}:${known(ports, 'gateway')}/webhooks/alertmanager`,
            send_resolved: true,
            http_config: { authorization: { type: 'Bearer', credentials_file: join(secrets, 'gateway', 'token') } },
          },
        ],
      },
    ],
  };
}
