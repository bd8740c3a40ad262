import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { up } from '../../lab/lab.ts';
import { mutatedEnvelopes } from './envelopes.ts';
import { faultyFailovers } from './faults.ts';
import { longQueries } from './long-query.ts';
import { lostWrites } from './lost-writes.ts';
import { everyPoint, play, type Run } from './matrix.ts';
import { parameters } from './parameters.ts';
import { scaleBlocked } from './scale-blocked.ts';
import { signalFloods } from './signal-flood.ts';
import { silences } from './silence.ts';
import { splitBrain } from './split-brain.ts';
import { struckFailovers } from './struck-failover.ts';
import { struckRollbacks } from './struck-rollback.ts';
import { Tally } from './tally.ts';
import { temporalGamedays } from './temporal-gameday.ts';
import { temporalKilled } from './temporal-killed.ts';
import { THEATRES } from './theatres.ts';
import { TROUBLES, troubles } from './trouble.ts';
import { unprovedFences } from './unproved-fence.ts';

/** `npm run chaos`: breaks everything that can be broken on purpose, as often as it takes, and counts. */

interface Options {
  times?: number;
  seed: string;
  /** The one activity that is struck. */
  verb?: string;
}

type Suite = (options: Options, signal: AbortSignal) => AsyncIterable<Run>;

const SUITES: Record<string, Suite> = {
  crash: ({ verb }, signal) => crash(Object.keys(THEATRES), signal, verb),
  ...Object.fromEntries(
    Object.keys(THEATRES).map((name): [string, Suite] => [name, ({ verb }, signal) => crash([name], signal, verb)]),
  ),
  failover: ({ verb }, signal) => struckFailovers(signal, verb),
  rollback: ({ verb }, signal) => struckRollbacks(signal, verb),
  temporal: ({ times = 20 }) => temporalKilled(times),
  'temporal-gameday': ({ times = 20 }, signal) => temporalGamedays(times, signal),
  trouble: (_, signal) => troubles(Object.values(TROUBLES).flat(), signal),
  ...Object.fromEntries(
    Object.entries(TROUBLES).map(([name, some]): [string, Suite] => [
      `trouble-${name}`,
      (_, signal) => troubles(some, signal),
    ]),
  ),
  'split-brain': ({ times = 50 }) => splitBrain(times, 'region'),
  'frozen-guard': ({ times = 20 }) => splitBrain(times, 'guard'),
  fence: ({ times = 24 }) => unprovedFences(times),
  'lost-writes': ({ times = 5 }) => lostWrites(times),
  'scale-blocked': ({ times = 5 }, signal) => scaleBlocked(times, signal),
  'long-query': ({ times = 3 }) => longQueries(times),
  parameters: ({ times = 2 }) => parameters(times),
  'signal-flood': ({ times = 1 }) => signalFloods(times),
  silence: ({ times = 2 }, signal) => silences(times, signal),
  envelopes: ({ times = 1, seed }, signal) => mutatedEnvelopes(times, seed, signal),
  faults: ({ times = 200, seed }, signal) => faultyFailovers(times, seed, signal),
};

/** Without a name. */
const ALL = [
  'crash',
  'failover',
  'rollback',
  'temporal',
  'temporal-gameday',
  'trouble',
  'split-brain',
  'frozen-guard',
  'fence',
  'lost-writes',
  'scale-blocked',
  'long-query',
  'parameters',
  'signal-flood',
  'silence',
  'envelopes',
  'faults',
];

/** Strikes the workers of providers' activities at every point, against the real services. */
async function* crash(names: string[], signal: AbortSignal, verb?: string): AsyncGenerator<Run> {
  const theatres = Object.entries(THEATRES).flatMap(([name, theatre]) => (names.includes(name) ? [theatre] : []));
  const only = [...new Set([...theatres.flatMap(({ needs }) => needs), 'third-place/temporal'])];
  const lab = await up({ name: `chaos-${process.pid}`, only, signal });
  Object.assign(process.env, lab.wiring);
  try {
    const signals = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const;
    yield* play(lab, theatres, (subject, rehearse) => {
      return verb === undefined || verb === subject.verb ? everyPoint(signals, rehearse) : [];
    });
  } finally {
    await lab.down();
  }
}

async function chaos(names: string[], options: Options): Promise<boolean> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const tallies: Tally[] = [];
  for (const name of names.length > 0 ? names : ALL) {
    const tally = new Tally();
    tallies.push(tally);
    console.log(name);
    for await (const run of SUITES[name]?.(options, interrupted.signal) ?? []) {
      if (interrupted.signal.aborted) break;
      tally.add(run);
      show(run);
    }
    console.log(`${name}: ${tally.summary}`);
    if (interrupted.signal.aborted) break;
  }
  return tallies.every(({ failures }) => failures.length === 0);
}

function show({ name, struck, wrong, cutOff }: Run): void {
  if (wrong !== null) console.log(`  FAILED ${name}: ${wrong}`);
  else if (cutOff) console.log(`  cut off ${name}`);
  else console.log(`  ${struck ? 'ok    ' : 'absent'} ${name}`);
}

function aNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('it must be a number from 1');
  return Number(text);
}

const command = new Command('chaos')
  .description('Break workers, Temporal and regions in the middle of what they do, against real services, and count.')
  .argument('[suites...]', `some of: ${Object.keys(SUITES).join(', ')}; ${ALL.join(', ')} when none is named`)
  .option('--times <n>', 'how often, where a suite has no end of its own', aNumber)
  .option('--verb <activity>', 'only where this one is struck: of the crashes, failovers and rollbacks')
  .option('--seed <text>', 'what calls fail: a run that went wrong names its own', randomBytes(4).toString('hex'))
  .action(async (names: string[], options: Options) => {
    const unknown = names.filter((name) => !(name in SUITES));
    if (unknown.length > 0)
      command.error(`there is no ${unknown.join(', ')}; known are: ${Object.keys(SUITES).join(', ')}`);
    process.exitCode = (await chaos(names, options)) ? 0 : 1;
  });
await command.parseAsync();
