import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';

/** moto: the AWS APIs of all regions in one process, its state in memory. */
export const aws = (_: Shape, { site }: Placement): Service => ({
  name: `${site}/aws`,
  place: site,
  needs: [],
  tools: ['moto'],
  ports: { aws: 5000 },
  readyWithinMs: 40_000,
  programs: ({ host, ports, programs }) => [
    {
      name: 'moto',
      command: known(programs, 'moto_server'),
      args: ['-H', host, '-p', `${known(ports, 'aws')}`],
      // Objects stay small and whole in memory; nothing is looked up at AWS.
      env: {
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        AWS_EC2_METADATA_DISABLED: 'true',
        // Thousands of machine images that nothing here asks for.
        MOTO_EC2_LOAD_DEFAULT_AMIS: 'false',
      },
    },
  ],
  async observe({ host, ports }) {
    // Not `data.json`: all state as one answer keeps moto, and the guards' leases with it, busy for seconds.
    await httpGet({ url: `http://${host}:${known(ports, 'aws')}/moto-api/` });
  },
});
