import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpGet } from '../http.ts';
import { THIRD_PLACE } from '../places.ts';
import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';
import { serverSettings, userSettings } from './clickhouse-settings.ts';

/** One replica of the analytics tables. */
export function clickhouse(_: Shape, { site }: Placement): Service {
  return {
    name: `${site}/clickhouse`,
    place: site,
    needs: [`${THIRD_PLACE}/zookeeper`],
    tools: ['clickhouse-server'],
    ports: { clickhouse: 8123, 'clickhouse-native': 9000, 'clickhouse-interserver': 9009 },
    readyWithinMs: 40_000,
    async prepare(context) {
      await mkdir(join(context.folder, 'tmp'), { recursive: true });
      await writeFile(join(context.folder, 'config.xml'), serverSettings(context, site));
      await writeFile(join(context.folder, 'users.xml'), userSettings());
    },
    programs: ({ folder, programs }) => [
      {
        name: 'clickhouse',
        command: known(programs, 'clickhouse-server'),
        args: [`--config-file=${join(folder, 'config.xml')}`],
      },
    ],
    async observe({ host, ports }) {
      const query = encodeURIComponent("SELECT count() > 0 FROM system.zookeeper WHERE path = '/'");
      await httpGet({ url: `http://${host}:${known(ports, 'clickhouse')}/?query=${query}` });
    },
  };
}
