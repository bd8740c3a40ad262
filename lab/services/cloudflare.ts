import { httpGet } from '../http.ts';
import { readSecret } from '../secrets.ts';
import { known, type Service } from '../service.ts';
import { cloudflareSecret, type Placement, type Shape, zoneOf } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** Cloudflare's DNS API for one zone. */
export const cloudflare = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/cloudflare`,
  place: site,
  needs: [],
  tools: [],
  ports: { cloudflare: 8787 },
  readyWithinMs: 30_000,
  programs: (context) => [
    nodeProgram(context, 'cloudflare', 'lab/cloudflare/main.ts', {
      LAB_ZONE: zoneOf(shape, 'cloudflare').name,
      LAB_TOKEN_SECRET: cloudflareSecret(shape),
    }),
  ],
  async observe({ host, ports, secrets }) {
    const token = await readSecret(secrets, cloudflareSecret(shape));
    await httpGet({ url: `http://${host}:${known(ports, 'cloudflare')}/client/v4/zones`, token });
  },
});
