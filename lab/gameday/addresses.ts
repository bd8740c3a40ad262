import { relative } from 'node:path';
import type { Lab } from '../lab.ts';
import { PRIMARY, STANDBY } from '../places.ts';

/** Where to look at a lab that is left running. */
export function addresses(lab: Lab): string {
  const at = (service: string, port?: string) => {
    const { host, port: number } = lab.endpoint(service, port);
    return `${host}:${number}`;
  };
  const { host: dnsHost, port: dnsPort } = lab.endpoint('third-place/dns');
  const rows = [
    ['Temporal UI', `http://${at('third-place/temporal', 'temporal-ui')}`],
    ['Prometheus', `http://${at('third-place/prometheus')}`],
    ['DNS', `dig @${dnsHost} -p ${dnsPort} api.teei.test`],
    [`PostgreSQL ${PRIMARY}`, at(`${PRIMARY}/postgres`)],
    [`PostgreSQL ${STANDBY}`, at(`${STANDBY}/postgres`)],
    ['folder', lab.folder],
    ['look', `set -a; . ${relative(process.cwd(), lab.folder)}/env; npx lifeboat status teei-csr`],
    ['end it', `npm run lab -- down --name ${lab.name}`],
  ];
  return ['', 'The lab is left running:', ...rows.map(([name = '', where]) => `  ${name.padEnd(26)} ${where}`)].join(
    '\n',
  );
}
