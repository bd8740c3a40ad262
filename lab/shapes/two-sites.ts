import { join } from 'node:path';
import { THIRD_PLACE } from '../places.ts';
import { postgresSecrets, postgresUsers } from './postgres-users.ts';
import type { Kind, Shape } from './shape.ts';

const SYSTEM = 'teei-csr';

/** The sites that serve by turns. */
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export type Region = (typeof REGIONS)[number];
export const PRIMARY: Region = 'us-east-1';
export const STANDBY: Region = 'eu-central-1';

export function otherRegion(region: Region): Region {
  return region === PRIMARY ? STANDBY : PRIMARY;
}

const IN_EACH_REGION: Kind[] = ['kubernetes', 'postgres', 'clickhouse', 'nats', 'redis', 'application', 'worker'];
const IN_THE_THIRD_PLACE: Kind[] = [
  ...(['temporal', 'worker', 'gateway', 'aws', 'cloudflare', 'dns', 'zookeeper'] as const),
  ...(['alertmanager', 'prometheus', 'client', 'sink', 'backups'] as const),
];

/** Two regions and a third place, each with a loopback address of its own, so that a DNS record can name either region. */
export const twoSites = {
  name: 'two-sites',
  title: 'two regions with a streaming pair of PostgreSQL, and a third place',
  system: SYSTEM,
  sites: [
    { name: PRIMARY, role: 'primary', host: 10, variable: 'LAB_A_HOST' },
    { name: STANDBY, role: 'standby', host: 20, variable: 'LAB_B_HOST' },
    { name: THIRD_PLACE, role: 'witness', host: 30, variable: 'LAB_C_HOST' },
  ],
  services: [
    ...REGIONS.flatMap((site) => IN_EACH_REGION.map((kind) => ({ kind, site }))),
    ...IN_THE_THIRD_PLACE.map((kind) => ({ kind, site: THIRD_PLACE })),
  ],
  tasks: ['bucket', 'aws-objects', 'edge-record', 'tables', 'stream', 'analytics-tables', 'workloads', 'bundle'],
  secrets: [
    ...postgresSecrets(SYSTEM),
    ...['cloudflare', 'pagerduty', 'slack', 'statuspage'].map((name) => `${SYSTEM}/${name}`),
  ],
  keys: [
    { role: 'sre-on-call', variable: 'LAB_APPROVER_KEY' },
    { role: 'vp-engineering', variable: 'LAB_VP_KEY' },
  ],
  database: {
    name: 'teei',
    users: postgresUsers(SYSTEM),
    instances: REGIONS.map((region) => ({ name: region, site: region, address: null })),
    lease: { bucket: 'lifeboat', key: `leases/${SYSTEM}/database.json`, clockSkew: '500ms' },
  },
  awsRegion: PRIMARY,
  clientName: 'api.teei.test',
  zones: [
    { provider: 'route53', name: 'teei.test', record: 'api.teei.test' },
    { provider: 'cloudflare', name: 'teei-edge.test', record: 'www.teei-edge.test' },
  ],
  workloads: {
    namespace: SYSTEM,
    image: `${SYSTEM}/api:1`,
    // The standby is warm and not at full strength.
    replicas: { [PRIMARY]: 6, [STANDBY]: 2 },
  },
  analytics: 'teei',
  cachePrefix: 'teei:',
  alertRules: join(import.meta.dirname, 'two-sites-rules.yaml'),
} satisfies Shape;
