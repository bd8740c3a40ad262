import { z } from 'zod';

/**
 * Where in an activity its worker is struck. Everything that an activity does to the outside goes through sockets of
 * Node, so that counting what is written finds every moment between two requests:
 *
 * - `before`: before anything is done;
 * - `sending-n`: the n-th write to the outside is about to happen, on what was read before;
 * - `sent-n`: the n-th write has left, and its answer will not be seen;
 * - `heartbeat`: while it waits for its first answer, with a heartbeat on its way, or at one that comes before;
 * - `after`: all is done, and Temporal does not know yet.
 */
export const Point = z.union([
  z.enum(['before', 'heartbeat', 'after']),
  z.templateLiteral([z.enum(['sending', 'sent']), '-', z.number().int().min(1)]),
]);
export type Point = z.infer<typeof Point>;

/** What strikes the worker: killed, asked to end, or frozen. */
export const Signal = z.enum(['SIGKILL', 'SIGTERM', 'SIGSTOP']);
export type Signal = z.infer<typeof Signal>;

/** One strike at the first attempt of an activity. */
export const Fault = z.strictObject({ activity: z.string(), point: Point, signal: Signal });
export type Fault = z.infer<typeof Fault>;
