import { BESIDE, oneSite, SITE } from './one-site.ts';
import { postgresUsers } from './postgres-users.ts';
import type { Shape } from './shape.ts';

const SYSTEM = 'golf-parlay';

/** A site with one PostgreSQL that no guard watches over, without DNS, and backups in object storage elsewhere. */
export const single = {
  ...oneSite(SYSTEM),
  name: 'single',
  title: 'one site with one PostgreSQL run by hand, and object storage elsewhere',
  system: SYSTEM,
  services: [{ kind: 'postgres', site: SITE }, ...BESIDE],
  database: {
    name: 'golf_parlay',
    users: postgresUsers(SYSTEM),
    instances: [{ name: SITE, site: SITE, address: null }],
    lease: null,
  },
} satisfies Shape;
