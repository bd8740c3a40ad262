import type { Lab } from './lab.ts';
import { stateOf } from './supervisor.ts';

/** What one service is, as seen now. */
export interface ServiceStatus {
  service: string;
  /** `host:port`, or null for a service that listens on no port. */
  address: string | null;
  pids: number[];
  /** By observation: it answers, it runs and does not answer, it is frozen, or it does not run. */
  state: 'ready' | 'unready' | 'frozen' | 'dead';
  /** Why it is not ready; null when it is. */
  reason: string | null;
}

/** Asks every service of the lab, all at the same time. */
export function statusOf(lab: Lab): Promise<ServiceStatus[]> {
  return Promise.all(lab.services.map((service) => statusOfService(lab, service)));
}

async function statusOfService(lab: Lab, service: string): Promise<ServiceStatus> {
  const processes = lab.records(service).map((record) => ({ ...record, state: stateOf(record) }));
  const pids = processes.filter(({ state }) => state !== 'gone').map(({ pid }) => pid);
  const found = (state: ServiceStatus['state'], reason: string | null): ServiceStatus => {
    return { service, address: addressOf(lab, service), pids, state, reason };
  };
  const gone = processes.filter(({ state }) => state === 'gone').map(({ program }) => program);
  if (pids.length === 0) return found('dead', 'no process');
  if (processes.some(({ state }) => state === 'stopped')) return found('frozen', 'stopped by a signal');
  if (gone.length > 0) return found('unready', `ended: ${gone.join(', ')}`);
  try {
    await lab.observe(service);
    return found('ready', null);
  } catch (error) {
    return found('unready', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

function addressOf(lab: Lab, service: string): string | null {
  try {
    const { host, port } = lab.endpoint(service);
    return `${host}:${port}`;
  } catch {
    return null;
  }
}
