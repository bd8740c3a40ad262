import { THIRD_PLACE } from '../places.ts';
import type { Shape } from './shape.ts';

const SYSTEM = 'castmatch';
const SITE = 'hq';

/** A site with two instances of PostgreSQL, each on an address of its own, and backups in object storage elsewhere. */
export const haPair = {
  name: 'ha-pair',
  title: 'one site with two instances of PostgreSQL, and object storage elsewhere',
  system: SYSTEM,
  sites: [
    { name: SITE, role: 'primary', host: 10, variable: 'LAB_A_HOST' },
    { name: THIRD_PLACE, role: 'witness', host: 30, variable: 'LAB_C_HOST' },
  ],
  services: [
    { kind: 'postgres', site: SITE, instance: 'db-1' },
    { kind: 'postgres', site: SITE, instance: 'db-2' },
    ...(['aws', 'backups', 'client'] as const).map((kind) => ({ kind, site: THIRD_PLACE })),
  ],
  tasks: ['bucket', 'tables'],
  secrets: ['postgres', 'postgres-application', 'postgres-replicator'].map((name) => `${SYSTEM}/${name}`),
  keys: [{ role: 'sre-on-call', variable: 'LAB_APPROVER_KEY' }],
  database: {
    name: SYSTEM,
    users: {
      application: { name: 'application', secret: `${SYSTEM}/postgres-application` },
      lifeboat: { name: 'lifeboat', secret: `${SYSTEM}/postgres` },
      replicator: { name: 'replicator', secret: `${SYSTEM}/postgres-replicator` },
    },
    instances: [
      { name: 'db-1', site: SITE, address: { name: 'db-1', host: 11, variable: 'LAB_DB_1_HOST' } },
      { name: 'db-2', site: SITE, address: { name: 'db-2', host: 12, variable: 'LAB_DB_2_HOST' } },
    ],
    lease: { bucket: 'lifeboat', key: `leases/${SYSTEM}/database.json`, clockSkew: '500ms' },
  },
  awsRegion: 'us-east-1',
  clientName: null,
  zones: [],
  workloads: null,
  analytics: null,
  cachePrefix: null,
  alertRules: null,
} satisfies Shape;
