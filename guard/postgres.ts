import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardConfig } from './config.ts';
import { ServerLog } from './server-log.ts';

/** How long a fast shutdown may take, its checkpoint included, before it becomes an immediate one. */
const FAST_SHUTDOWN_MS = 20_000;

/** How long the end of the log may take to arrive after the server has ended. */
const LOG_MS = 500;

/** A standby has this file; promotion removes it before the first write. So it tells the role without asking PostgreSQL. */
export function takesWrites(dataDirectory: string): boolean {
  return !existsSync(join(dataDirectory, 'standby.signal'));
}

/** A PostgreSQL server, child of the guard. */
export class Postgres {
  #child: ChildProcess;
  #log = new ServerLog();
  #dataDirectory: string;
  /** Settles with one sentence when the server has ended, however that came. */
  readonly ended: Promise<string>;

  /** @param settings on its command line, which no file of the operator's overrides */
  constructor(config: GuardConfig, settings: Record<string, string>) {
    const [command, ...args] = commandOf(config, settings, process.getuid?.() === 0);
    this.#child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'pipe'] });
    this.#dataDirectory = config.dataDirectory;
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      this.#log.take(chunk);
    });
    this.ended = howItEnded(this.#child);
  }

  /** Why it ended by itself, in the words of its log; null when that does not say. Waits for the end of the log. */
  async lastFatal(): Promise<string | null> {
    const { stderr } = this.#child;
    if (stderr !== null && !stderr.closed) await Promise.race([once(stderr, 'close'), sleep(LOG_MS)]);
    // A backend that outlives the server must not keep the guard.
    stderr?.destroy();
    return await this.#log.lastFatal(this.#dataDirectory);
  }

  /** Lets nobody commit any more, checkpoints and ends: for planned stops. */
  async shutDown(): Promise<void> {
    this.#signal('SIGINT');
    await Promise.race([this.ended, sleep(FAST_SHUTDOWN_MS, undefined, { ref: false })]);
    await this.stopNow(1_000);
  }

  /**
   * Ends it at once, without a checkpoint; what does not follow within `graceMs` is killed. Backends are told by us, not
   * only by the postmaster: every scheduling in between is time in which they could commit.
   */
  async stopNow(graceMs: number): Promise<void> {
    for (const pid of this.#backends()) kill(pid, 'SIGQUIT');
    this.#signal('SIGQUIT');
    const over = await Promise.race([this.ended, sleep(graceMs, null, { ref: false })]);
    if (over === null) this.#killAll();
    await this.ended;
  }

  /**
   * A backend leads a process group of its own and outlives a killed postmaster until it next waits; a commit could
   * still be acknowledged. So the postmaster is stopped, that it starts no more of them, and all are killed.
   */
  #killAll(): void {
    this.#signal('SIGSTOP');
    for (const pid of this.#backends()) kill(pid, 'SIGKILL');
    this.#signal('SIGKILL');
  }

  #backends(): number[] {
    return this.#runs() ? childrenOf(this.#child.pid) : [];
  }

  #runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined && this.#runs()) kill(pid, signal);
  }
}

/** PostgreSQL refuses to run as root. It gets SIGQUIT, an immediate shutdown, from the kernel when the guard dies. */
function commandOf(config: GuardConfig, settings: Record<string, string>, root: boolean): [string, ...string[]] {
  const { program, dataDirectory, listen } = config;
  const identity = root ? identityOf(config) : [];
  const all = { listen_addresses: listen.host, port: `${listen.port}`, ...settings };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['setpriv', ...identity, '--pdeathsig', 'QUIT', '--', program, '-D', dataDirectory, ...options];
}

/** Options of setpriv that make a program run as the user that PostgreSQL runs as. */
export function identityOf({ user }: Pick<GuardConfig, 'user'>): string[] {
  return ['--reuid', user, '--regid', user, '--init-groups'];
}

async function howItEnded(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit');
    return signal === null ? `PostgreSQL ended with status ${code}` : `PostgreSQL was ended by ${signal}`;
  } catch (error) {
    return `PostgreSQL could not be started: ${error instanceof Error ? error.message : error}`;
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
