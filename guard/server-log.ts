import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** So much of the end of the log is kept in mind. */
const KEPT_BYTES = 16_384;

/** The end of what PostgreSQL logs to its standard error. */
export class ServerLog {
  #end = '';

  take(chunk: Buffer): void {
    this.#end = (this.#end + chunk.toString('utf8')).slice(-KEPT_BYTES);
  }

  /** Why the server ended, in its own words; null when its log does not say. */
  async lastFatal(dataDirectory: string): Promise<string | null> {
    return lastFatal(this.#end) ?? lastFatal(await collectedLog(dataDirectory).catch(() => ''));
  }
}

/** The end of the file to which the logging collector writes; empty without one. */
async function collectedLog(dataDirectory: string): Promise<string> {
  const current = join(dataDirectory, 'current_logfiles');
  if (!existsSync(current)) return '';
  const [, name] = /^stderr (.+)$/m.exec(readFileSync(current, 'utf8')) ?? [];
  if (name === undefined) return '';
  const path = isAbsolute(name) ? name : join(dataDirectory, name);
  return await text(createReadStream(path, { start: Math.max(0, statSync(path).size - KEPT_BYTES) }));
}

/** As the postmaster reports the process with which it ends. */
const PROCESS_ENDED = /\(PID \d+\) (?:exited with exit code|was terminated by signal)/;
const FATAL = /\b((?:FATAL|PANIC):\s+.+)$/;
const DETAIL = /\bDETAIL:\s+(.+)$/;
/** What sessions are told that come too early or too late. */
const TURNED_AWAY = /the database system is /;

/**
 * The FATAL or PANIC line, with its detail, of the process with which the server ended, or of one that never got ready.
 * Sessions that are turned away or ended are FATAL too, and end nothing.
 *
 * @param log of one or more lives of the server; only the last counts
 */
export function lastFatal(log: string): string | null {
  const [life = ''] = log.split(/^.*\bLOG:\s+starting PostgreSQL .*$/m).slice(-1);
  let fatal: string | null = null;
  let cause: string | null = null;
  let ready = false;
  for (const line of life.split('\n')) {
    const [, words] = FATAL.exec(line) ?? [];
    const [, detail] = DETAIL.exec(line) ?? [];
    if (words !== undefined && !TURNED_AWAY.test(words)) fatal = words.replace(/:\s+/, ': ');
    else if (detail !== undefined && fatal !== null && !fatal.includes(' (')) fatal = `${fatal} (${detail})`;
    else if (PROCESS_ENDED.test(line)) cause = fatal;
    ready ||= /LOG:\s+database system is ready to accept/.test(line);
  }
  return cause ?? (ready ? null : fatal);
}
