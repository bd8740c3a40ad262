import type { LogLevel, Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { processLog } from '../telemetry/process-log.ts';
import { idsNow } from './log-ids.ts';

/** A worker's log: what activities log has the ids of their recovery and incident. */
export const createLog = (name: string): Logger => processLog(name, idsNow);

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
