import type { StreamConfig, StreamInfo, StreamSource } from '@nats-io/jetstream';

/** What a stream was before its promotion. */
export interface State {
  /** Null for one that was no mirror. */
  mirror: StreamSource | null;
  subjects: string[];
  lastSequence: number;
  /** All of its configuration, to make it anew. */
  config: StreamConfig;
}

const count = new Intl.NumberFormat('en-US');

/** `1 message`, `1,234 messages`. */
export const messages = (number: number) => `${count.format(number)} ${number === 1 ? 'message' : 'messages'}`;

export function stateOf({ config, state }: StreamInfo): State {
  return { mirror: config.mirror ?? null, subjects: config.subjects ?? [], lastSequence: state.last_seq, config };
}

/** Is it a stream of its own that takes exactly these subjects? */
export function takes({ mirror, subjects = [] }: Partial<StreamConfig>, wanted: readonly string[]): boolean {
  const same = subjects.length === wanted.length && wanted.every((subject) => subjects.includes(subject));
  return mirror === undefined && same;
}

/** How far behind its source a mirror was when it last heard of it, in words: all that is known of what it misses. */
export function lag({ mirror }: StreamInfo): string {
  if (mirror === undefined) return 'it was no mirror, so how much it misses is unknown';
  // NATS answers -1 nanoseconds for "never".
  if (mirror.active < 0) return 'it has not heard of its source since the server started, so what it misses is unknown';
  const agoSeconds = Math.round(mirror.active / 1e8) / 10;
  const behind = mirror.lag === 0 ? 'up to date' : `${messages(mirror.lag)} behind`;
  return `${behind} when it last heard of its source, ${agoSeconds} s ago`;
}

/** `1,234 messages, last sequence 1234`. */
export const holds = ({ state }: StreamInfo) => `${messages(state.messages)}, last sequence ${state.last_seq}`;
