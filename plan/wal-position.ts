/** Positions in PostgreSQL's write-ahead log, written `0/3000148`: two hexadecimal halves of a 64-bit number of bytes. */

/** The position as a number of bytes since the log began. Throws for anything else. */
export function walBytes(position: string): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(position);
  if (match === null) throw new Error(`"${position}" is not a WAL position`);
  return (BigInt(`0x${match[1]}`) << 32n) + BigInt(`0x${match[2]}`);
}

/** Bytes from `behind` to `ahead`, and 0 when `behind` is not behind; null when either is unknown. */
export function walGap(ahead: string | null, behind: string | null): number | null {
  if (ahead === null || behind === null) return null;
  const gap = walBytes(ahead) - walBytes(behind);
  return gap > 0n ? Number(gap) : 0;
}
