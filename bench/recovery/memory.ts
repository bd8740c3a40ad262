import { readFileSync, writeFileSync } from 'node:fs';

/** From now on the peak is counted anew, as `clear_refs` of proc(5) says. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory that a process had resident since its peak was last forgotten, in megabytes. */
export function peakMegabytes(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error(`process ${pid} does not tell its memory`);
  return (Number(kibibytes) * 1_024) / 1_000_000;
}
