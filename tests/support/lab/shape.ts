import type { THIRD_PLACE } from '../../../lab/places.ts';
import { hostsOf } from '../../../lab/shapes/shape.ts';
import { type Region, twoSites } from '../../../lab/shapes/two-sites.ts';

/** System, sites, names and secrets of the lab that most tests use, so that none of them is written down twice. */
export { otherRegion, PRIMARY, REGIONS, type Region, STANDBY, twoSites } from '../../../lab/shapes/two-sites.ts';
export const SYSTEM = twoSites.system;
export type Place = Region | typeof THIRD_PLACE;

/** Secrets of the users of the database. */
export const APPLICATION_SECRET = twoSites.database.users.application.secret;
export const LIFEBOAT_SECRET = twoSites.database.users.lifeboat.secret;

export const kubeconfigOf = (region: Region) => `${SYSTEM}/kubernetes-${region}`;

export function hostsOfSlot(slot: number): Record<Place, string> {
  return hostsOf(twoSites, slot) as Record<Place, string>;
}
