import { Socket } from 'node:net';
import type { Kind } from './choice.ts';
import { onlyHttp1 } from './http1.ts';
import { refusalOf } from './refusal.ts';

/** Asked at each write to a socket, with how the write begins; null lets it pass. */
export type OnWrite = (beginning: string) => Kind | null;

type Write = (this: Socket, ...args: unknown[]) => boolean;

/** How what was first written to a socket begins: it tells which protocol is spoken there. */
const openings = new WeakMap<Socket, string>();
/** Sockets that a fault has cut off: nothing more is sent there. */
const cutOff = new WeakSet<Socket>();

/**
 * Makes writes of this process to the outside fail as `onWrite` says, under whatever client makes them. What Temporal's
 * own connection does is past Node's sockets. So is HTTP/2, which is therefore not offered to TLS servers meanwhile.
 *
 * @returns undoes it
 */
export function breakSockets(onWrite: OnWrite): () => void {
  const write = Socket.prototype.write as Write;
  const faulty: Write = function (...args) {
    if (this === process.stdout || this === process.stderr) return write.apply(this, args);
    if (cutOff.has(this)) return swallow(args);
    const beginning = textOf(args[0]);
    if (!openings.has(this)) openings.set(this, beginning);
    const kind = onWrite(beginning);
    return kind === null ? write.apply(this, args) : fail(this, kind, args, write);
  };
  Socket.prototype.write = faulty as typeof Socket.prototype.write;
  const anyHttp = onlyHttp1();
  return () => {
    Socket.prototype.write = write as typeof Socket.prototype.write;
    anyHttp();
  };
}

function fail(socket: Socket, kind: Kind, args: unknown[], write: Write): boolean {
  switch (kind) {
    case 'unsent':
      return cut(socket, args);
    case 'unanswered':
      onAnswer(socket, () => socket.destroy(reset()));
      return write.apply(socket, args);
    case 'silent':
      onAnswer(socket, () => {});
      write.apply(socket, args);
      cutOff.add(socket);
      return true;
    case 'refused':
      return refuse(socket, args);
  }
}

function refuse(socket: Socket, args: unknown[]): boolean {
  const refusal = refusalOf(openings.get(socket) ?? '', textOf(args[0]));
  if (refusal === null) return cut(socket, args);
  if (refusal.ends) cutOff.add(socket);
  setImmediate(() => {
    socket.push(Buffer.from(refusal.answer, 'latin1'));
    if (refusal.ends) socket.push(null);
  });
  return swallow(args);
}

function cut(socket: Socket, args: unknown[]): boolean {
  socket.destroy(reset());
  return swallow(args);
}

/** Whatever arrives from now on is not seen. The end is: a server that gives up ends the silence. */
function onAnswer(socket: Socket, act: () => void): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown) => {
    if (chunk === null) return push(null);
    act();
    return true;
  };
}

/** As if it had been sent. */
function swallow(args: unknown[]): boolean {
  const given = args.at(-1);
  if (typeof given === 'function') process.nextTick(given as () => void);
  return true;
}

function reset(): NodeJS.ErrnoException {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

const BEGINNING = 2_000;

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk.slice(0, BEGINNING);
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, BEGINNING)).toString('latin1') : '';
}
