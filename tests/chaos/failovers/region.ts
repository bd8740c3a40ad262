import { breakLab } from '../../../lab/faults.ts';
import type { Lab } from '../../../lab/lab.ts';
import { membersOf } from '../../../lab/supervisor.ts';
import type { Region } from '../../support/lab/shape.ts';

/** What dies with a region. Its Kubernetes and its ClickHouse take long to start again, and stay. */
const DIES = ['redis', 'nats'];

/**
 * Takes a region away within milliseconds. PostgreSQL gets the signal; its guard and the application, which take long
 * to start, are frozen and no more is heard of them.
 */
export function strike(lab: Lab, region: Region, signal: 'SIGKILL' | 'SIGSTOP'): void {
  lab.signal(`${region}/application`, 'SIGSTOP');
  for (const service of DIES) lab.signal(`${region}/${service}`, 'SIGKILL');
  const guards = lab.records(`${region}/postgres`);
  for (const { pid } of guards) process.kill(pid, 'SIGSTOP');
  const own = new Set(guards.map(({ pid }) => pid));
  for (const { pid } of membersOf(guards)) if (!own.has(pid)) process.kill(pid, signal);
}

/** The guard goes on, and does with its database as it finds it what it has to. */
export function wakeDatabase(lab: Lab, region: Region): void {
  lab.signal(`${region}/postgres`, 'SIGCONT');
}

/** Wakes what is frozen in a region and starts what is dead, on the data that it left. */
export async function comeBack(lab: Lab, region: Region): Promise<void> {
  wakeDatabase(lab, region);
  lab.signal(`${region}/application`, 'SIGCONT');
  await breakLab(lab, ['restore', region]);
}
