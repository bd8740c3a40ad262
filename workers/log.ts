import type { LogLevel, Logger as TemporalLogger } from '@temporalio/worker';
import pino, { type Logger } from 'pino';

/** Structured logs, one JSON object per line; `LOG_LEVEL` as pino knows it. */
export function createLog(name: string): Logger {
  return pino({ name, level: process.env['LOG_LEVEL'] ?? 'info', timestamp: pino.stdTimeFunctions.isoTime });
}

/** The same log for what the Temporal SDK says. Its metadata holds ids and names, never payloads. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: object) => {
    log[level.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error']({ ...meta }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
