import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { dirname } from 'node:path';

/** One notification that was caught. */
export interface Received {
  /** ISO 8601. */
  at: string;
  /** The HTTP method, or `MAIL`. */
  method: string;
  /** The path it was sent to; of mail, its recipients. */
  path: string;
  /** Without `authorization`: the file must hold no secret. */
  headers: Record<string, string | string[]>;
  body: unknown;
}

/** All notifications so far, oldest first, in memory and as JSON lines in a file that outlives the process. */
export interface Store {
  add(caught: { method: string; path: string; headers: IncomingHttpHeaders; body: unknown }): Received;
  all(): readonly Received[];
  clear(): void;
}

export function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const received: Received[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return {
    add({ method, path, headers, body }) {
      const at = new Date().toISOString();
      const one: Received = { at, method, path, headers: withoutSecrets(headers), body: withoutKey(body) };
      appendFileSync(file, `${JSON.stringify(one)}\n`);
      received.push(one);
      return one;
    },
    all: () => received,
    clear() {
      writeFileSync(file, '');
      received.length = 0;
    },
  };
}

/** PagerDuty's routing key is a secret that comes in the body. */
function withoutKey(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('routing_key' in body)) return body;
  const { routing_key: _, ...rest } = body;
  return rest;
}

function withoutSecrets(headers: IncomingHttpHeaders): Received['headers'] {
  const kept: Received['headers'] = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'authorization' && value !== undefined) kept[name] = value;
  }
  return kept;
}
