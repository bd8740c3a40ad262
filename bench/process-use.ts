import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks per second, in which the kernel counts time. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const KIB = 1_024;

export interface Use {
  /** Seconds of processor time so far, all threads together. */
  cpuSeconds: number;
  /** Bytes in memory now. */
  memory: number;
  /** The most that it ever was. */
  peak: number;
}

/** What a process uses, as the kernel sees it from outside. */
export function useOf(pid: number): Use {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * KIB;
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuSeconds: ticks / TICKS, memory: bytes('VmRSS'), peak: bytes('VmHWM') };
}
