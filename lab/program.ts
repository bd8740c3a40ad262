import { z } from 'zod';
import { Port } from '../plan/wiring/common.ts';

/** What every program of the lab does the same way: read its configuration once, and stop when told to. */

/** A host or an address; empty is missing. */
export const Host = z.string().min(1);
export { Port };

/**
 * The program's configuration from environment variables, by a schema whose keys are their names. When something is
 * missing or does not fit, one line on stderr names every such variable, and the process ends with status 78
 * (EX_CONFIG of sysexits.h).
 */
export function readConfiguration<T>(program: string, schema: z.ZodType<T>, env: NodeJS.ProcessEnv = process.env): T {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`).join(', ');
  process.stderr.write(`${program} cannot start; environment variables are missing or do not fit: ${wrong}\n`);
  process.exit(78);
}

/** Calls `stop` once, at the first SIGTERM or SIGINT, and ends the process when it is done. */
export function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (cause) => {
        process.stderr.write(`could not stop cleanly: ${cause}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
