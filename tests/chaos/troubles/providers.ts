import type { Lab } from '../../../lab/lab.ts';
import { STANDBY } from '../../support/lab/shape.ts';
import { stuck } from './stuck.ts';
import type { Trouble } from './trouble.ts';

/** A provider in the standby region, or outside, that is dead when it is needed. */

const dead = (service: string) => ({
  name: `${service} is dead`,
  breaks: (lab: Lab) => lab.signal(service, 'SIGKILL'),
  mends: (lab: Lab) => lab.startService(service),
});

/** The process that plays all nodes of the standby's cluster. */
export function toNodes(lab: Lab, signal: NodeJS.Signals): void {
  const kwok = lab.records(`${STANDBY}/kubernetes`).find(({ program }) => program === 'kwok');
  if (!kwok) throw new Error('the cluster has no kwok');
  process.kill(kwok.pid, signal);
}

export const providers: Trouble[] = [
  stuck({
    ...dead(`${STANDBY}/nats`),
    phase: 'promote-stream',
    says: /events: could not connect to NATS in eu-central-1/,
    order: 'retry',
  }),
  stuck({
    ...dead(`${STANDBY}/clickhouse`),
    phase: 'promote-analytics',
    says: /analytics in eu-central-1: .*ECONNREFUSED/,
    order: 'retry',
  }),
  stuck({
    ...dead(`${STANDBY}/clickhouse`),
    phase: 'promote-analytics',
    says: /analytics in eu-central-1: .*ECONNREFUSED/,
    order: 'skip',
  }),
  stuck({
    ...dead(`${STANDBY}/redis`),
    phase: 'rebuild-cache',
    says: /cache in eu-central-1: .*ECONNREFUSED/,
    order: 'retry',
  }),
  stuck({
    ...dead('third-place/cloudflare'),
    phase: 'cut-over-dns',
    says: /could not find zone teei-edge\.test: .*ECONNREFUSED/,
    order: 'retry',
  }),
  stuck({
    name: 'pods never get ready',
    phase: 'scale-up',
    says: /api: \d ready .* of 6/,
    breaks: (lab) => toNodes(lab, 'SIGSTOP'),
    mends: (lab) => toNodes(lab, 'SIGCONT'),
    order: 'retry',
  }),
];
