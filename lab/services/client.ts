import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import { type Placement, present, primaryOf, type Shape } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** Writes orders without pause and keeps the ledger of what was acknowledged. */
export const client = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/client`,
  place: site,
  needs: present(shape, [`${site}/dns`, `${primaryOf(shape)}/application`]),
  tools: [],
  ports: { client: 8091 },
  readyWithinMs: 30_000,
  programs: (context) => [
    nodeProgram(context, 'client', 'lab/client/main.ts', { LAB_CLIENT_NAME: shape.clientName ?? '' }),
  ],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'client')}/metrics` });
  },
});
