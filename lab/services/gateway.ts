import { httpGet } from '../http.ts';
import { THIRD_PLACE } from '../places.ts';
import { known, type Service } from '../service.ts';
import { nodeProgram } from './node-program.ts';

/** Lifeboat's gateway, which takes the alerts. */
export const gateway: Service = {
  name: `${THIRD_PLACE}/gateway`,
  place: THIRD_PLACE,
  needs: [`${THIRD_PLACE}/temporal`, 'aws-objects'],
  tools: [],
  ports: { gateway: 8088 },
  readyWithinMs: 30_000,
  programs(context) {
    const address = {
      LIFEBOAT_GATEWAY_HOST: context.host,
      LIFEBOAT_GATEWAY_PORT: `${known(context.ports, 'gateway')}`,
    };
    return [nodeProgram(context, 'gateway', 'starter/webhooks/main.ts', address)];
  },
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'gateway')}/readyz` });
  },
};
