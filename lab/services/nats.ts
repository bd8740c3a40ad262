import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpGet } from '../http.ts';
import { type Context, known, type Service } from '../service.ts';
import { type Placement, primaryOf, type Shape, siteWithRole } from '../shapes/shape.ts';

/**
 * NATS with JetStream, a domain of its own in each region. The standby region connects as a leaf, which carries the
 * mirror's traffic both ways; when the other region dies, each goes on by itself.
 */
export function nats(shape: Shape, { site }: Placement): Service {
  return {
    name: `${site}/nats`,
    place: site,
    needs: [],
    tools: ['nats'],
    ports: { nats: 4222, 'nats-leaf': 7422, 'nats-monitor': 8222 },
    readyWithinMs: 20_000,
    prepare: (context) =>
      writeFile(join(context.folder, 'nats.json'), JSON.stringify(configuration(context, shape, site))),
    programs: ({ folder, programs }) => [
      { name: 'nats', command: known(programs, 'nats-server'), args: ['--config', join(folder, 'nats.json')] },
    ],
    async observe({ host, ports }) {
      await httpGet({ url: `http://${host}:${known(ports, 'nats-monitor')}/healthz` });
    },
  };
}

function configuration({ folder, host, hosts, ports }: Context, shape: Shape, site: string): unknown {
  return {
    server_name: site,
    host,
    port: known(ports, 'nats'),
    http: `${host}:${known(ports, 'nats-monitor')}`,
    jetstream: { store_dir: join(folder, 'jetstream'), domain: site },
    leafnodes:
      site === siteWithRole(shape, 'standby')
        ? { reconnect: '1s', remotes: [toPrimary(known(hosts, primaryOf(shape)), known(ports, 'nats-leaf'))] }
        : { host, port: known(ports, 'nats-leaf') },
  };
}

/** Orders cross the regions only through the mirror: published plainly, they would land in both streams. */
function toPrimary(host: string, port: number): unknown {
  return { urls: [`nats-leaf://${host}:${port}`], deny_imports: ['orders.>'], deny_exports: ['orders.>'] };
}
