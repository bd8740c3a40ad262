import { addressesOf, type Shape } from '../shapes/shape.ts';

/** The lab's wiring: environment variables by name. */
export type Wiring = Readonly<Record<string, string | undefined>>;

/** The variable's value; one clear line when it is missing. */
export function wired(wiring: Wiring, name: string): string {
  const value = wiring[name];
  if (value === undefined || value === '') throw new Error(`the lab's wiring has no ${name}`);
  return value;
}

/** A lab, as far as its contents are made by it. */
export interface Provisioned {
  wiring: Wiring;
  shape: Shape;
}

/** Where a service of a site or an instance listens: `LAB_A_HOST` and `LAB_POSTGRES_PORT`, for example. */
export function located({ wiring, shape }: Provisioned, address: string, service: string): Endpoint {
  const variable = addressesOf(shape).find(({ name }) => name === address)?.variable;
  if (variable === undefined) throw new Error(`shape "${shape.name}" has no address "${address}"`);
  return { host: wired(wiring, variable), port: Number(wired(wiring, `LAB_${service}_PORT`)) };
}

interface Endpoint {
  host: string;
  port: number;
}

/** Where a service of the third place listens. */
export function central(wiring: Wiring, service: string): Endpoint {
  return { host: wired(wiring, 'LAB_C_HOST'), port: Number(wired(wiring, `LAB_${service}_PORT`)) };
}
