import { relative } from 'node:path';
import type { Lab } from '../lab.ts';
import { instanceService } from '../shapes/shape.ts';

/** Where to look at a lab that is left running. */
export function addresses(lab: Lab): string {
  const { clientName, database, system } = lab.shape;
  const at = (service: string, port?: string) => {
    const { host, port: number } = lab.endpoint(service, port);
    return `${host}:${number}`;
  };
  const { host: dnsHost, port: dnsPort } = lab.endpoint('third-place/dns');
  const rows = [
    ['Temporal UI', `http://${at('third-place/temporal', 'temporal-ui')}`],
    ['Prometheus', `http://${at('third-place/prometheus')}`],
    ['DNS', `dig @${dnsHost} -p ${dnsPort} ${clientName}`],
    ...database.instances.map((each) => [`PostgreSQL ${each.name}`, at(instanceService(each))]),
    ['folder', lab.folder],
    ['look', `set -a; . ${relative(process.cwd(), lab.folder)}/env; npx lifeboat status ${system}`],
    ['end it', `npm run lab -- down --name ${lab.name}`],
  ];
  return ['', 'The lab is left running:', ...rows.map(([name = '', where]) => `  ${name.padEnd(26)} ${where}`)].join(
    '\n',
  );
}
