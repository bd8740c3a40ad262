import pino, { type Logger } from 'pino';
import { logOutput } from './log-output.ts';

/**
 * The structured log of a process, one JSON object per line; `LOG_LEVEL` as pino knows it.
 *
 * @param idsNow fields of every line, asked as it is written
 */
export function processLog(name: string, idsNow: () => object = () => ({})): Logger {
  const level = process.env['LOG_LEVEL'] ?? 'info';
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ name, level, timestamp, mixin: idsNow, serializers: { error: brief, err: brief } }, logOutput());
}

/** What an error says, and where: the other fields that libraries hang on errors may hold what nobody may read. */
function brief(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { type: name, message, stack, ...(cause !== undefined && { cause: brief(cause) }) };
}
