import { httpGet } from '../http.ts';
import { PRIMARY, THIRD_PLACE } from '../places.ts';
import { known, type Service } from '../service.ts';
import { nodeProgram } from './node-program.ts';

/** Writes orders without pause and keeps the ledger of what was acknowledged. */
export const client: Service = {
  name: `${THIRD_PLACE}/client`,
  place: THIRD_PLACE,
  needs: [`${THIRD_PLACE}/dns`, `${PRIMARY}/application`],
  tools: [],
  ports: { client: 8091 },
  readyWithinMs: 30_000,
  programs: (context) => [nodeProgram(context, 'client', 'lab/client/main.ts')],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'client')}/metrics` });
  },
};
