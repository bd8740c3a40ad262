import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Duration } from '../plan/duration.ts';
import { type Problem, problemText } from '../plan/problem.ts';
import { plainData, readSource } from '../plan/source.ts';
import { Aws, Port } from '../plan/wiring/common.ts';

const AbsolutePath = z.string().startsWith('/', { error: 'expected an absolute path' });

/** What a guard must know, as YAML or JSON. Holds no secret: passwords are in files that it names. */
const Fields = z.strictObject({
  /** The region as the lease names it. */
  region: z.string().min(1),
  dataDirectory: AbsolutePath,
  /** The `postgres` program. */
  program: AbsolutePath,
  /** PostgreSQL runs as this user when the guard runs as root. */
  user: z.string().default('postgres'),
  listen: z.strictObject({ host: z.string().min(1), port: Port }),
  /** The guard's own session with its database: figures for the lease, and the heartbeat. */
  connection: z.strictObject({
    host: z.string().min(1).optional(),
    database: z.string().min(1),
    user: z.string().min(1),
    passwordFile: AbsolutePath,
  }),
  /** The same as in the plan's environment. */
  lease: z.strictObject({
    bucket: z.string(),
    key: z.string(),
    aws: Aws,
    ttl: Duration,
    clockSkew: Duration,
  }),
  /** How it becomes a standby of another region's primary; without it, people rebuild it. */
  replication: z
    .strictObject({
      /** May replicate, and run what pg_rewind runs: see `guard/database.sql`. */
      user: z.string().min(1),
      passwordFile: AbsolutePath,
      /** The slot that the primary keeps for this region. */
      slot: z.string().regex(/^[a-z0-9_]{1,63}$/, { error: 'expected lower-case letters, digits and underscores' }),
      /** The regions that it may follow. Nothing else is copied from, whoever asks. */
      primaries: z.record(z.string(), z.strictObject({ host: z.string().min(1), port: Port })),
    })
    .optional(),
  /** Commits are acknowledged only once the guard has confirmed them, which it does while it has the lease. */
  confirmCommits: z.boolean().default(false),
  /** Where the guard says in JSON what it does now; nowhere when absent. */
  stateFile: AbsolutePath.optional(),
});

export const GuardConfig = Fields.refine(({ confirmCommits, replication }) => !confirmCommits || replication, {
  path: ['replication'],
  error: 'expected with confirmCommits: the guard receives the log as its user',
});
export type GuardConfig = z.infer<typeof GuardConfig>;

/** Reads and checks a guard's configuration; throws one error that names all that is wrong. */
export function readGuardConfig(path: string): GuardConfig {
  const parsed = GuardConfig.safeParse(readYaml(path));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'the file'}: ${message}`);
  throw new Error(`${path} is not a guard's configuration: ${wrong.join('; ')}`);
}

/** One document, bounded as plans are. */
function readYaml(path: string): unknown {
  const { source, syntax } = readSource(readFileSync(path, 'utf8'), path);
  if (syntax.problems.length > 0) throw notYaml(syntax.problems);
  const data = plainData(source);
  if ('problems' in data) throw notYaml(data.problems);
  return data.value;
}

const notYaml = (problems: readonly Problem[]) => new Error(problems.map(problemText).join('; '));
