/** Seconds as people say them: `4 s`, `2m 13s`, `1h 02m`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `14:32:01`, in UTC. */
export const clock = (iso: string) => iso.slice(11, 19);

/** `unknown` for null: what is not known is never shown as good. */
export const known = <T>(value: T | null, show: (value: T) => string): string =>
  value === null ? 'unknown' : show(value);

/** `12 B`, `3.4 kB`, `5.6 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

/** Lines up cells in columns, two spaces apart; the last column is as long as it is. */
export function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
