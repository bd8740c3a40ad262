import type { IncomingHttpHeaders } from 'node:http';

/** A header that was sent once; undefined when it is missing, empty or sent several times as a list. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value.length > 0 ? value : undefined;
}
