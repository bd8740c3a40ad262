import { join } from 'node:path';
import { execa } from 'execa';

export interface Running {
  pid: number;
  /** Sends the signal and returns once the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/**
 * A process of the benchmark; what it prints is in `<folder>/<name>.log`. It does not outlive this one.
 *
 * @param told gets what a program of Node sends to its parent
 */
export function begin(
  folder: string,
  name: string,
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  told?: (message: unknown) => void,
): Running {
  const log = { file: join(folder, `${name}.log`), append: true };
  const running = execa(program, [...args], {
    env,
    stdin: 'ignore',
    stdout: log,
    stderr: log,
    reject: false,
    forceKillAfterDelay: 15_000,
    ...(told && { ipc: true }),
  });
  if (told) running.on('message', told);
  if (running.pid === undefined) throw new Error(`${program} cannot be started`);
  return {
    pid: running.pid,
    async end(signal) {
      running.kill(signal);
      await running;
    },
  };
}
