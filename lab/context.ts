import { join } from 'node:path';
import type { Context, Service } from './service.ts';
import { folderOf, type LabState } from './state.ts';

/** What the service may know of the lab with this state. */
export function contextOf(state: LabState, service: Pick<Service, 'name' | 'place' | 'host'>): Context {
  const { hosts, ports, programs, wiring, synchronous } = state;
  const labFolder = folderOf(state.name);
  const folder = join(labFolder, service.name);
  const secrets = join(labFolder, 'secrets');
  return {
    ...{ lab: state.name, labFolder, folder, secrets, host: service.host ?? hosts[service.place] },
    ...{ hosts, ports, programs, wiring, synchronous },
  };
}
