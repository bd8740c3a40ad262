/** Where services of the lab run. The third place holds what must survive a region. */
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export type Region = (typeof REGIONS)[number];
export const THIRD_PLACE = 'third-place';
export type Place = Region | typeof THIRD_PLACE;

/** The region that serves first. */
export const PRIMARY: Region = 'us-east-1';
export const STANDBY: Region = 'eu-central-1';

export function otherRegion(region: Region): Region {
  return region === PRIMARY ? STANDBY : PRIMARY;
}

/** Each place has a loopback address of its own, so that a DNS record can name either region. Slot k is 127.0.k.x. */
export function hostsOfSlot(slot: number): Record<Place, string> {
  return {
    'us-east-1': `127.0.${slot}.10`,
    'eu-central-1': `127.0.${slot}.20`,
    [THIRD_PLACE]: `127.0.${slot}.30`,
  };
}
