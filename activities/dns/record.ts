/** Which record: a name has one set of values per type. */
export interface RecordKey {
  name: string;
  type: 'A' | 'AAAA' | 'CNAME';
}

/** A record and what it answers; no values means that there is no such record. */
export interface RecordValues extends RecordKey {
  values: readonly string[];
}

/** A name as it is compared: lower case, no dot at its end, `*` not as Route 53's `\052`. */
export function plainName(name: string): string {
  const unescaped = name.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
  return unescaped.replace(/\.$/, '').toLowerCase();
}

/** Whether two sets of values are the same, in any order and spelling. */
export function sameValues(type: RecordKey['type'], some: readonly string[], others: readonly string[]): boolean {
  const plain = (values: readonly string[]) => [...new Set(values.map((value) => plainValue(type, value)))].sort();
  return plain(some).join() === plain(others).join();
}

/** `api.example.com A`. */
export function keyText({ name, type }: RecordKey): string {
  return `${plainName(name)} ${type}`;
}

/** Values, or `nothing`. */
export function valuesText(values: readonly string[]): string {
  return values.length === 0 ? 'nothing' : values.join(', ');
}

/** An address has many spellings in IPv6; the URL parser writes the shortest. */
function plainValue(type: RecordKey['type'], value: string): string {
  if (type === 'AAAA') return new URL(`http://[${value}]`).hostname;
  return plainName(value);
}
