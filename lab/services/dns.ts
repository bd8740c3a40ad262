import { Resolver } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { THIRD_PLACE } from '../places.ts';
import { type Context, known, type Service } from '../service.ts';
import { type Placement, type Shape, zoneOf } from '../shapes/shape.ts';

/** CoreDNS: answers one zone from Route 53 and one from Cloudflare, each change within about a second. */
export const dns = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/dns`,
  place: site,
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
    for (const { record } of shape.zones) await resolver.resolve4(record);
  },
});

function configuration({ host, labFolder, ports, shape }: Context, hostedZoneId: string): string {
  const port = known(ports, 'dns');
  const [route53, cloudflare] = [zoneOf(shape, 'route53').name, zoneOf(shape, 'cloudflare').name];
  const zoneFile = join(labFolder, THIRD_PLACE, 'cloudflare', `${cloudflare}.zone`);
  return `${route53}:${port} {
  bind ${host}
  route53 ${route53}.:${hostedZoneId} {
    refresh 1s
  }
  errors
}
${cloudflare}:${port} {
  bind ${host}
  file ${zoneFile} {
    reload 500ms
  }
  errors
}
`;
}

async function hostedZone({ hosts, ports, shape, wiring }: Context): Promise<string> {
  const { name } = zoneOf(shape, 'route53');
  const route53 = new Route53Client({
    region: known(wiring, 'AWS_REGION'),
    endpoint: `http://${hosts[THIRD_PLACE]}:${known(ports, 'aws')}`,
    credentials: {
      accessKeyId: known(wiring, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: known(wiring, 'AWS_SECRET_ACCESS_KEY'),
    },
  });
  const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: name }));
  const id = HostedZones?.find((zone) => zone.Name === `${name}.`)?.Id;
  if (!id) throw new Error(`Route 53 has no zone ${name}`);
  return id.replace('/hostedzone/', '');
}
