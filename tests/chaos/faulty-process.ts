import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from '../../lab/eventually.ts';
import { processEntry } from '../../lab/process-table.ts';
import type { Fault } from './fault.ts';
import { ENDED, READY } from './strike.ts';

const PROGRAM = join(import.meta.dirname, 'faulty-worker.ts');
/** What one of these processes has compiled, the next one need not. */
const COMPILED = join(tmpdir(), 'lifeboat-faulty-workers');

const WITHIN_MS = 60_000;

/** The process of a worker that strikes itself, as its parent sees it. */
export class FaultyProcess {
  readonly #fault: Fault;
  readonly #process;
  #output = '';

  constructor(env: Record<string, string>, taskQueue: string, fault: Fault) {
    this.#fault = fault;
    this.#process = execa(process.execPath, [PROGRAM, taskQueue, JSON.stringify(fault)], {
      env: { ...env, LOG_LEVEL: 'fatal', NODE_COMPILE_CACHE: COMPILED },
      reject: false,
      all: true,
      buffer: false,
    });
    this.#process.all.on('data', (data: Buffer) => {
      this.#output += data;
    });
  }

  /** Resolves when it is about to poll: on a busy machine it takes longer to start than a step may wait for it. */
  async isReady(): Promise<void> {
    await eventually({ what: 'the faulty worker to start', withinMs: WITHIN_MS, everyMs: 20 }, async () => {
      if (!this.#output.includes(READY)) throw new Error(this.#output);
    });
  }

  /** Resolves when the signal has had its effect; throws, with what the process said, when it ended otherwise. */
  async isStruck(): Promise<void> {
    if (this.#fault.signal === 'SIGSTOP') return await this.#isFrozen();
    const { signal, exitCode } = await this.#process;
    const ended = signal === this.#fault.signal || (this.#fault.signal === 'SIGTERM' && exitCode === 0);
    if (!ended) throw new Error(`the faulty worker ended by itself: ${this.#output}`);
  }

  async #isFrozen(): Promise<void> {
    await eventually({ what: 'the worker to freeze', withinMs: WITHIN_MS, everyMs: 20 }, async () => {
      if (processEntry(this.#process.pid ?? 0)?.state !== 'T') throw new Error('it runs');
    });
  }

  /** Whether it was struck and has ended its attempt all the same. */
  hasEnded(): boolean {
    return this.#output.includes(ENDED);
  }

  /** Lets a frozen worker go on, until what it was doing has ended. */
  async wake(): Promise<void> {
    this.#process.kill('SIGCONT');
    await eventually({ what: 'the woken worker to end its attempt', withinMs: WITHIN_MS, everyMs: 20 }, async () => {
      if (!this.hasEnded()) throw new Error(this.#output);
    });
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process;
  }
}
