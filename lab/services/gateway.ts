import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import { type Placement, present, type Shape } from '../shapes/shape.ts';
import { makeSigning, signingIn } from '../sns/certificate.ts';
import { nodeProgram } from './node-program.ts';

const LOCAL_FETCH = pathToFileURL(join(import.meta.dirname, '../sns/local-fetch.ts')).href;

/** Lifeboat's gateway, which takes the alerts; what it would fetch from SNS is the lab's own. */
export const gateway = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/gateway`,
  place: site,
  needs: present(shape, [`${site}/temporal`, 'aws-objects']),
  tools: ['openssl'],
  ports: { gateway: 8088 },
  readyWithinMs: 30_000,
  async prepare({ folder, programs }) {
    await makeSigning(folder, known(programs, 'openssl'));
  },
  programs(context) {
    const settings = {
      LIFEBOAT_GATEWAY_HOST: context.host,
      LIFEBOAT_GATEWAY_PORT: `${known(context.ports, 'gateway')}`,
      LAB_SNS_CERTIFICATE: signingIn(context.folder).certificate,
      NODE_OPTIONS: `--import ${LOCAL_FETCH}`,
    };
    return [nodeProgram(context, 'gateway', 'starter/webhooks/main.ts', settings)];
  },
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'gateway')}/readyz` });
  },
});
