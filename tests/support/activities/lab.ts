import { Resolver } from 'node:dns/promises';
import { type Lab, up } from '../../../lab/lab.ts';

/**
 * Starts services of a lab of their own for one test file, and gives this process its credentials for AWS. The lease lasts
 * longer than any machine stands still: what databases do without one is not tested here.
 */
export async function startLab(name: string, only: string[]): Promise<Lab> {
  const lab = await up({ name: `${name}-${process.pid}`, only, leaseTtl: '60s' });
  for (const variable of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[variable] = lab.wiring[variable];
  return lab;
}

/** Where AWS's APIs answer in the lab. */
export function awsEndpoint({ wiring }: Lab): string {
  return `http://${wiring['LAB_C_HOST']}:${wiring['LAB_AWS_PORT']}`;
}

/** Where the lab's DNS server answers, as `host:port`. */
export function resolver({ wiring }: Lab): string {
  return `${wiring['LAB_C_HOST']}:${wiring['LAB_DNS_PORT']}`;
}

/** Asks the lab's DNS server and nobody else, as patiently as a busy machine needs it. */
export function askerOf(lab: Lab): Resolver {
  const asker = new Resolver({ timeout: 2_000, tries: 3 });
  asker.setServers([resolver(lab)]);
  return asker;
}
