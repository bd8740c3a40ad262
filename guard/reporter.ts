import { renameSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';

export type State =
  | 'starting'
  | 'standby'
  | 'primary'
  | 'stopping'
  | 'stopped'
  | 'waiting'
  | 'fenced'
  | 'handed-over'
  | 'rebuilding'
  | 'ended';

/** Says what the guard does: one line for each change, and the last one in a file for whoever comes later. */
export class Reporter {
  #log: Logger;
  #stateFile: string | undefined;
  #last = '';

  constructor(log: Logger, stateFile: string | undefined) {
    this.#log = log;
    this.#stateFile = stateFile;
  }

  /** Silent when nothing but the time has changed. */
  state(state: State, detail: string): void {
    const line = `${state}: ${detail}`;
    if (line === this.#last) return;
    this.#last = line;
    this.#log[state === 'fenced' || state === 'stopping' ? 'warn' : 'info']({ state }, detail);
    this.#write({ state, detail, at: new Date().toISOString() });
  }

  /** Something that does not change the state: a database that does not answer yet. */
  oddity(error: unknown): void {
    this.#log.debug({ reason: error instanceof Error ? error.message : String(error) }, 'the database does not answer');
  }

  #write(state: object): void {
    if (this.#stateFile === undefined) return;
    // Renaming replaces the file in one go, so that a reader never finds half of it.
    writeFileSync(`${this.#stateFile}.new`, JSON.stringify(state));
    renameSync(`${this.#stateFile}.new`, this.#stateFile);
  }
}
