import { join } from 'node:path';
import { type Context, known, type Service } from './service.ts';
import { shapeNamed } from './shapes/index.ts';
import { folderOf, type LabState } from './state.ts';

/** What the service may know of the lab with this state. */
export function contextOf(state: LabState, service: Pick<Service, 'name' | 'place' | 'address' | 'host'>): Context {
  const { hosts, ports, programs, wiring, synchronous } = state;
  const labFolder = folderOf(state.name);
  const folder = join(labFolder, service.name);
  const secrets = join(labFolder, 'secrets');
  return {
    ...{ lab: state.name, labFolder, folder, secrets, host: hostOf(state, service) },
    ...{ shape: shapeNamed(state.shape), hosts, ports, programs, wiring, synchronous },
  };
}

/** Where the service listens. */
export function hostOf({ hosts }: Pick<LabState, 'hosts'>, { host, address, place }: HostOf): string {
  return host ?? known(hosts, address ?? place);
}

type HostOf = Pick<Service, 'place' | 'address' | 'host'>;
