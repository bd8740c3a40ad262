import type { LogLevel, Logger as TemporalLogger } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { logOutput } from '../telemetry/log-output.ts';
import { idsNow } from './log-ids.ts';

/**
 * Structured logs, one JSON object per line; `LOG_LEVEL` as pino knows it. What activities log has the ids of their
 * recovery and incident.
 */
export function createLog(name: string): Logger {
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

/** Lines of the SDK's core name a workflow at most: what that says of system and recovery. */
function idsOf(meta: { workflowId?: unknown; workflow_id?: unknown; runId?: unknown } = {}): object {
  const id = meta.workflowId ?? meta.workflow_id;
  const [, kind, system] = /^(incident|recovery)\/(.+)$/.exec(typeof id === 'string' ? id : '') ?? [];
  if (kind === undefined) return {};
  return { system, ...(kind === 'recovery' && { recovery: `${id}/${meta.runId ?? ''}` }) };
}

/** The same log for what the Temporal SDK says. Its metadata holds ids and names, never payloads. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: object) => {
    log[level.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error']({ ...idsOf(meta), ...meta }, message);
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
