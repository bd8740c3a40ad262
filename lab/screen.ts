import pc from 'picocolors';
import type { ServiceStatus } from './status.ts';

const COLOURS: Record<ServiceStatus['state'], (text: string) => string> = {
  ready: pc.green,
  unready: pc.yellow,
  frozen: pc.cyan,
  dead: pc.red,
};

/** One line per service: name, address, pids, state and the reason when it is not ready. */
export function statusTable(services: readonly ServiceStatus[]): string {
  const rows = services.map(({ service, address, pids }) => [service, address ?? '-', pids.join(' ') || '-']);
  const header = ['SERVICE', 'ADDRESS', 'PID'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[], end: string) =>
    [...cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)), end].join('  ');
  const lines = services.map(({ state, reason }, i) => {
    return line(rows[i] ?? [], `${COLOURS[state](state)}${reason ? ` ${pc.dim(reason)}` : ''}`);
  });
  return [line(header, 'STATE'), ...lines].join('\n');
}
