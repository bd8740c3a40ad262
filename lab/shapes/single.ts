import { THIRD_PLACE } from '../places.ts';
import type { Shape } from './shape.ts';

const SYSTEM = 'golf-parlay';
const SITE = 'hq';

/** A site with one PostgreSQL that no guard watches over, without DNS, and backups in object storage elsewhere. */
export const single = {
  name: 'single',
  title: 'one site with one PostgreSQL run by hand, and object storage elsewhere',
  system: SYSTEM,
  sites: [
    { name: SITE, role: 'primary', host: 10, variable: 'LAB_A_HOST' },
    { name: THIRD_PLACE, role: 'witness', host: 30, variable: 'LAB_C_HOST' },
  ],
  services: [
    { kind: 'postgres', site: SITE },
    ...(['aws', 'backups', 'client'] as const).map((kind) => ({ kind, site: THIRD_PLACE })),
  ],
  tasks: ['bucket', 'tables'],
  secrets: ['postgres', 'postgres-application', 'postgres-replicator'].map((name) => `${SYSTEM}/${name}`),
  keys: [{ role: 'sre-on-call', variable: 'LAB_APPROVER_KEY' }],
  database: {
    name: 'golf_parlay',
    users: {
      application: { name: 'application', secret: `${SYSTEM}/postgres-application` },
      lifeboat: { name: 'lifeboat', secret: `${SYSTEM}/postgres` },
      replicator: { name: 'replicator', secret: `${SYSTEM}/postgres-replicator` },
    },
    instances: [{ name: SITE, site: SITE, address: null }],
    lease: null,
  },
  awsRegion: 'us-east-1',
  clientName: null,
  zones: [],
  workloads: null,
  analytics: null,
  cachePrefix: null,
  alertRules: null,
} satisfies Shape;
