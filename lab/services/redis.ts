import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';
import { tcpAsk } from '../tcp.ts';

/** A cache: nothing is kept on disk, since it is rebuilt from the database. */
export function redis(_: Shape, { site }: Placement): Service {
  return {
    name: `${site}/redis`,
    place: site,
    needs: [],
    tools: ['redis-server'],
    ports: { redis: 6379 },
    readyWithinMs: 20_000,
    programs: ({ folder, host, ports, programs }) => [
      {
        name: 'redis',
        command: known(programs, 'redis-server'),
        args: [
          ...['--bind', host, '--port', `${known(ports, 'redis')}`, '--protected-mode', 'no'],
          ...['--save', '', '--appendonly', 'no', '--dir', folder],
        ],
      },
    ],
    async observe({ host, ports }) {
      const answer = await tcpAsk(host, known(ports, 'redis'), 'PING\r\n');
      if (!answer.startsWith('+PONG')) throw new Error(`Redis answers ${answer.trim()}`);
    },
  };
}
