import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpGet } from '../http.ts';
import { PRIMARY, type Region, STANDBY } from '../places.ts';
import { type Context, known, type Service } from '../service.ts';

/**
 * NATS with JetStream, a domain of its own in each region. The standby region connects as a leaf, which carries the
 * mirror's traffic both ways; when the other region dies, each goes on by itself.
 */
export function nats(region: Region): Service {
  return {
    name: `${region}/nats`,
    place: region,
    needs: [],
    tools: ['nats'],
    ports: { nats: 4222, 'nats-leaf': 7422, 'nats-monitor': 8222 },
    readyWithinMs: 20_000,
    prepare: (context) => writeFile(join(context.folder, 'nats.json'), JSON.stringify(configuration(context, region))),
    programs: ({ folder, programs }) => [
      { name: 'nats', command: known(programs, 'nats-server'), args: ['--config', join(folder, 'nats.json')] },
    ],
    async observe({ host, ports }) {
      await httpGet({ url: `http://${host}:${known(ports, 'nats-monitor')}/healthz` });
    },
  };
}

function configuration({ folder, host, hosts, ports }: Context, region: Region): unknown {
  return {
    server_name: region,
    host,
    port: known(ports, 'nats'),
    http: `${host}:${known(ports, 'nats-monitor')}`,
    jetstream: { store_dir: join(folder, 'jetstream'), domain: region },
    leafnodes:
      region === STANDBY
        ? { reconnect: '1s', remotes: [toPrimary(hosts[PRIMARY], known(ports, 'nats-leaf'))] }
        : { host, port: known(ports, 'nats-leaf') },
  };
}

/** Orders cross the regions only through the mirror: published plainly, they would land in both streams. */
function toPrimary(host: string, port: number): unknown {
  return { urls: [`nats-leaf://${host}:${port}`], deny_imports: ['orders.>'], deny_exports: ['orders.>'] };
}
