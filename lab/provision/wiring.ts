import { PRIMARY, type Region } from '../places.ts';

/** The lab's wiring: environment variables by name. */
export type Wiring = Readonly<Record<string, string | undefined>>;

/** The variable's value; one clear line when it is missing. */
export function wired(wiring: Wiring, name: string): string {
  const value = wiring[name];
  if (value === undefined || value === '') throw new Error(`the lab's wiring has no ${name}`);
  return value;
}

/** Where a service of a region listens: `LAB_A_HOST` and `LAB_POSTGRES_PORT`, for example. */
export function regional(wiring: Wiring, region: Region, service: string): { host: string; port: number } {
  const host = wired(wiring, region === PRIMARY ? 'LAB_A_HOST' : 'LAB_B_HOST');
  return { host, port: Number(wired(wiring, `LAB_${service}_PORT`)) };
}

/** Where a service of the third place listens. */
export function central(wiring: Wiring, service: string): { host: string; port: number } {
  return { host: wired(wiring, 'LAB_C_HOST'), port: Number(wired(wiring, `LAB_${service}_PORT`)) };
}
