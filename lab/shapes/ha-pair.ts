import { BESIDE, oneSite, SITE } from './one-site.ts';
import { postgresUsers } from './postgres-users.ts';
import type { Shape } from './shape.ts';

const SYSTEM = 'castmatch';

/** A site with two instances of PostgreSQL, each on an address of its own, and backups in object storage elsewhere. */
export const haPair = {
  ...oneSite(SYSTEM),
  name: 'ha-pair',
  title: 'one site with two instances of PostgreSQL, and object storage elsewhere',
  system: SYSTEM,
  services: [...['db-1', 'db-2'].map((instance) => ({ kind: 'postgres' as const, site: SITE, instance })), ...BESIDE],
  database: {
    name: SYSTEM,
    users: postgresUsers(SYSTEM),
    instances: [
      { name: 'db-1', site: SITE, address: { name: 'db-1', host: 11, variable: 'LAB_DB_1_HOST' } },
      { name: 'db-2', site: SITE, address: { name: 'db-2', host: 12, variable: 'LAB_DB_2_HOST' } },
    ],
    lease: { bucket: 'lifeboat', key: `leases/${SYSTEM}/database.json`, clockSkew: '500ms' },
  },
} satisfies Shape;
