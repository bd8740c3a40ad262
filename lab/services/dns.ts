import { Resolver } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { THIRD_PLACE } from '../places.ts';
import { type Context, known, type Service } from '../service.ts';

const ROUTE53_ZONE = 'teei.test';
const CLOUDFLARE_ZONE = 'teei-edge.test';

/** CoreDNS: answers one zone from Route 53 and one from Cloudflare, each change within about a second. */
export const dns: Service = {
  name: `${THIRD_PLACE}/dns`,
  place: THIRD_PLACE,
  needs: ['aws-objects', 'edge-record'],
  tools: ['coredns'],
  ports: { dns: 5353 },
  readyWithinMs: 20_000,
  async prepare(context) {
    const corefile = join(context.folder, 'Corefile');
    if (!existsSync(corefile)) await writeFile(corefile, configuration(context, await hostedZone(context)));
  },
  programs: ({ folder, hosts, ports, programs, wiring }) => [
    {
      name: 'coredns',
      command: known(programs, 'coredns'),
      args: ['-conf', join(folder, 'Corefile')],
      env: {
        // The plugin's own option for the endpoint does not work; the SDK below it reads this one.
        AWS_ENDPOINT_URL: `http://${hosts[THIRD_PLACE]}:${known(ports, 'aws')}`,
        AWS_REGION: known(wiring, 'AWS_REGION'),
        AWS_ACCESS_KEY_ID: known(wiring, 'AWS_ACCESS_KEY_ID'),
        AWS_SECRET_ACCESS_KEY: known(wiring, 'AWS_SECRET_ACCESS_KEY'),
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  ],
  async observe({ host, ports }) {
    const resolver = new Resolver({ timeout: 1_000, tries: 1 });
    resolver.setServers([`${host}:${known(ports, 'dns')}`]);
    await resolver.resolve4(`api.${ROUTE53_ZONE}`);
    await resolver.resolve4(`www.${CLOUDFLARE_ZONE}`);
  },
};

function configuration({ host, labFolder, ports }: Context, hostedZoneId: string): string {
  const port = known(ports, 'dns');
  const zoneFile = join(labFolder, THIRD_PLACE, 'cloudflare', `${CLOUDFLARE_ZONE}.zone`);
  return `${ROUTE53_ZONE}:${port} {
  bind ${host}
  route53 ${ROUTE53_ZONE}.:${hostedZoneId} {
    refresh 1s
  }
  errors
}
${CLOUDFLARE_ZONE}:${port} {
  bind ${host}
  file ${zoneFile} {
    reload 500ms
  }
  errors
}
`;
}

async function hostedZone({ hosts, ports, wiring }: Context): Promise<string> {
  const route53 = new Route53Client({
    region: known(wiring, 'AWS_REGION'),
    endpoint: `http://${hosts[THIRD_PLACE]}:${known(ports, 'aws')}`,
    credentials: {
      accessKeyId: known(wiring, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: known(wiring, 'AWS_SECRET_ACCESS_KEY'),
    },
  });
  const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: ROUTE53_ZONE }));
  const id = HostedZones?.find(({ Name }) => Name === `${ROUTE53_ZONE}.`)?.Id;
  if (!id) throw new Error(`Route 53 has no zone ${ROUTE53_ZONE}`);
  return id.replace('/hostedzone/', '');
}
