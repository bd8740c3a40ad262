import type { Term } from '../activities/lease/lease.ts';
import type { GuardConfig } from './config.ts';
import { runProgram } from './programs.ts';

/** What the control file says of a database that does not run. */
export interface Control {
  /** Stopped in order, as a primary: its last record is the checkpoint of the shutdown. */
  shutDown: boolean;
  /** Where the latest checkpoint begins. */
  checkpoint: string;
  timeline: number;
}

/** Reads the control file of the guard's data directory; throws when it cannot be read. */
export async function readControl(config: GuardConfig): Promise<Control> {
  return parseControl(await runProgram(config, 'pg_controldata', ['-D', config.dataDirectory]));
}

/** The lines of pg_controldata, in its C locale. */
export function parseControl(text: string): Control {
  const line = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(.+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`pg_controldata says nothing of "${name}"`);
    return found.trim();
  };
  return {
    shutDown: line('Database cluster state') === 'shut down',
    checkpoint: line('Latest checkpoint location'),
    timeline: Number(line("Latest checkpoint's TimeLineID")),
  };
}

/** Where a database's log ended, for the lease; null for one that has not stopped in order. */
export function finalOf({ shutDown, checkpoint, timeline }: Control): Term['final'] {
  return shutDown ? { walPosition: checkpoint, timeline } : null;
}
