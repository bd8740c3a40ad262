import { httpGet } from '../http.ts';
import { THIRD_PLACE } from '../places.ts';
import { readSecret } from '../secrets.ts';
import { known, type Service } from '../service.ts';
import { nodeProgram } from './node-program.ts';

/** Cloudflare's DNS API for the zone `teei-edge.test`. */
export const cloudflare: Service = {
  name: `${THIRD_PLACE}/cloudflare`,
  place: THIRD_PLACE,
  needs: [],
  tools: [],
  ports: { cloudflare: 8787 },
  readyWithinMs: 30_000,
  programs: (context) => [nodeProgram(context, 'cloudflare', 'lab/cloudflare/main.ts')],
  async observe({ host, ports, secrets }) {
    const token = await readSecret(secrets, 'teei-csr/cloudflare');
    await httpGet({ url: `http://${host}:${known(ports, 'cloudflare')}/client/v4/zones`, token });
  },
};
