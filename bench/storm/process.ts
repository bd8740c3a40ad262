import { join } from 'node:path';
import { execa } from 'execa';

export interface Running {
  /** Sends the signal and returns once the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** A process of the benchmark; what it prints is in `<folder>/<name>.log`. It does not outlive this one. */
export function begin(
  folder: string,
  name: string,
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Running {
  const log = { file: join(folder, `${name}.log`), append: true };
  const running = execa(program, [...args], {
    env,
    stdin: 'ignore',
    stdout: log,
    stderr: log,
    reject: false,
    forceKillAfterDelay: 15_000,
  });
  return {
    async end(signal) {
      running.kill(signal);
      await running;
    },
  };
}
