import type { THIRD_PLACE } from '../../../lab/places.ts';
import { hostsOf, zoneOf } from '../../../lab/shapes/shape.ts';
import { type Region, twoSites } from '../../../lab/shapes/two-sites.ts';

/** System, sites, names and secrets of the lab that most tests use, so that none of them is written down twice. */
export { otherRegion, PRIMARY, REGIONS, type Region, STANDBY, twoSites } from '../../../lab/shapes/two-sites.ts';
export const SYSTEM = twoSites.system;
export const DATABASE = twoSites.database.name;
export type Place = Region | typeof THIRD_PLACE;

/** Zones, and the names in them that lead to the system. */
export const { name: ZONE, record: CLIENT_NAME } = zoneOf(twoSites, 'route53');
export const { name: EDGE_ZONE, record: EDGE_NAME } = zoneOf(twoSites, 'cloudflare');

/** Secrets of the users of the database. */
export const APPLICATION_SECRET = twoSites.database.users.application.secret;
export const LIFEBOAT_SECRET = twoSites.database.users.lifeboat.secret;

export const kubeconfigOf = (region: Region) => `${SYSTEM}/kubernetes-${region}`;

export function hostsOfSlot(slot: number): Record<Place, string> {
  return hostsOf(twoSites, slot) as Record<Place, string>;
}
