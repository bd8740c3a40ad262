import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';
import { tcpAsk } from '../tcp.ts';

/** Coordinates ClickHouse's replicas; in the third place, so that neither region needs the other. */
export const zookeeper = (_: Shape, { site }: Placement): Service => ({
  name: `${site}/zookeeper`,
  place: site,
  needs: [],
  tools: ['zookeeper', 'openjdk-17-jre-headless'],
  ports: { zookeeper: 2181 },
  readyWithinMs: 40_000,
  async prepare({ folder, host, ports }) {
    const settings = {
      tickTime: 500,
      dataDir: join(folder, 'data'),
      clientPort: known(ports, 'zookeeper'),
      clientPortAddress: host,
      'admin.enableServer': false,
      '4lw.commands.whitelist': 'ruok',
      'metricsProvider.className': 'org.apache.zookeeper.metrics.impl.NullMetricsProvider',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    await writeFile(join(folder, 'zoo.cfg'), `${lines.join('\n')}\n`);
  },
  programs: ({ folder, programs }) => [
    {
      name: 'zookeeper',
      command: known(programs, 'java'),
      args: [
        ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzookeeper.forceSync=no'],
        '-Dzookeeper.jmx.log4j.disable=true',
        ...['-cp', known(programs, 'zookeeper-classes')],
        ...['org.apache.zookeeper.server.ZooKeeperServerMain', join(folder, 'zoo.cfg')],
      ],
    },
  ],
  async observe({ host, ports }) {
    const answer = await tcpAsk(host, known(ports, 'zookeeper'), 'ruok');
    if (answer !== 'imok') throw new Error(`ZooKeeper answers ${answer}`);
  },
});
