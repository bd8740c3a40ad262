import { THIRD_PLACE } from '../places.ts';
import { postgresSecrets } from './postgres-users.ts';
import type { Shape } from './shape.ts';

export const SITE = 'hq';

/** What runs beside a site's PostgreSQL: clients, and backups in object storage elsewhere. */
export const BESIDE = (['aws', 'backups', 'client'] as const).map((kind) => ({ kind, site: THIRD_PLACE }));

/** What the shapes of one site with nothing but PostgreSQL have in common: there is no DNS, and no application. */
export const oneSite = (system: string) =>
  ({
    sites: [
      { name: SITE, role: 'primary', host: 10, variable: 'LAB_A_HOST' },
      { name: THIRD_PLACE, role: 'witness', host: 30, variable: 'LAB_C_HOST' },
    ],
    tasks: ['bucket', 'tables'],
    secrets: postgresSecrets(system),
    keys: [{ role: 'sre-on-call', variable: 'LAB_APPROVER_KEY' }],
    awsRegion: 'us-east-1',
    clientName: null,
    zones: [],
    workloads: null,
    analytics: null,
    cachePrefix: null,
    alertRules: null,
  }) satisfies Partial<Shape>;
