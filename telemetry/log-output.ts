import pino, { type DestinationStream } from 'pino';

/** What is kept of lines that could not be written, in characters; beyond it lines are lost. */
const KEPT = 1_000_000;

/**
 * Standard output for logs. Where it cannot be written, as on a full disk, lines are lost; by default the first such
 * line would end the process, and a recovery must not end for want of a log.
 */
export function logOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true, maxLength: KEPT });
  output.on('error', () => {});
  return output;
}
