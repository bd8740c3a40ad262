import { isDeepStrictEqual } from 'node:util';
import type { Lab } from '../../lab/lab.ts';
import type { Fault, Point, Signal } from './fault.ts';
import { Rig } from './rig.ts';
import type { Subject, Theatre } from './subjects/subject.ts';
import type { Verb } from './workflow.ts';

/** One run, and what was wrong with it; null when nothing was. */
export interface Run {
  name: string;
  /** The activity whose worker was struck, where it was one. */
  verb?: Verb;
  /** False when the activity has no such point: then it is no run. */
  struck: boolean;
  wrong: string | null;
  /** The activity writes on after the last write that was struck. */
  cutOff?: true;
}

/** Steps that wait ask again and again, and each question is a write like the one before. */
const MOST_WRITES = 40;

/** Theatres that play at the same time: more would only make each other late. */
const AT_ONCE = 5;

type Rehearse = (fault: Omit<Fault, 'activity'>) => Promise<Run>;

/** The faults of a subject, each of which `rehearse` brings about. */
type Faults = (subject: Subject, rehearse: Rehearse) => AsyncIterable<Run> | Iterable<Run>;

/** Plays the subjects of each theatre one after the other, and the theatres at the same time. */
export async function* play(lab: Lab, theatres: readonly Theatre[], faults: Faults): AsyncGenerator<Run> {
  const rig = await Rig.start(lab);
  let runs = 0;
  const number = () => {
    runs += 1;
    return runs;
  };
  try {
    yield* merged(theatres.map((theatre) => playIn(theatre, { lab, rig, number }, faults)));
  } finally {
    await rig.end();
  }
}

interface Stage {
  lab: Lab;
  rig: Rig;
  number: () => number;
}

async function* playIn(theatre: Theatre, { lab, rig, number }: Stage, faults: Faults): AsyncGenerator<Run> {
  const { subjects, close } = await theatre.open(lab);
  try {
    for (const subject of subjects) yield* faults(subject, (fault) => strikeOnce(rig, subject, fault, number()));
  } finally {
    await close();
  }
}

/** What any of the sources yields, as it comes; some of them at a time. */
async function* merged<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ask = async (source: AsyncGenerator<T>) => ({ source, answer: await source.next() });
  const waiting = sources.slice(AT_ONCE);
  const asked = new Map(sources.slice(0, AT_ONCE).map((source) => [source, ask(source)]));
  while (asked.size > 0) {
    const { source, answer } = await Promise.race(asked.values());
    if (answer.done) {
      asked.delete(source);
      const next = waiting.shift();
      if (next) asked.set(next, ask(next));
    } else {
      asked.set(source, ask(source));
      yield answer.value;
    }
  }
}

/** Every point of the subject's activity, as long as there are any, by each of the signals. */
export async function* everyPoint(signals: readonly Signal[], rehearse: Rehearse): AsyncGenerator<Run> {
  for (const signal of signals) {
    for (const point of ['before', 'heartbeat', 'after'] as const) yield await rehearse({ signal, point });
    for (let write = 1; write <= MOST_WRITES; write++) {
      // A frozen worker is dangerous with a request in its hands; a killed one, after it has sent it.
      const run = await rehearse({ signal, point: `${signal === 'SIGSTOP' ? 'sending' : 'sent'}-${write}` });
      yield run;
      if (!run.struck) break;
      if (write === MOST_WRITES) yield cutOff(run);
    }
  }
}

/** No run, but to be told. */
const cutOff = (last: Run): Run => ({
  ...last,
  name: `${last.name} is the last one`,
  struck: false,
  wrong: null,
  cutOff: true,
});

/** The same few points for a short run of everything. */
export async function* thesePoints(points: readonly [Signal, Point][], rehearse: Rehearse): AsyncGenerator<Run> {
  for (const [signal, point] of points) yield await rehearse({ signal, point });
}

async function strikeOnce(rig: Rig, subject: Subject, fault: Omit<Fault, 'activity'>, run: number): Promise<Run> {
  const name = `${nameOf(subject)}: ${fault.signal} at ${fault.point}`;
  try {
    const { input, expected, twice, seen, undo } = await subject.prepare(run);
    // Of a frozen worker's step, what follows is undone before it wakes: it must not do it again.
    const undone = fault.signal === 'SIGSTOP' ? undo : undefined;
    const meanwhile = undone && (() => undone.act());
    const { struck, result } = await rig.run({ verb: subject.verb, input, fault, ...(meanwhile && { meanwhile }) });
    const found = await seen(result);
    const inHand = fault.signal === 'SIGSTOP' && fault.point.startsWith('sending') && twice !== undefined;
    if (inHand && difference(found, twice) === null)
      return { name: `${name}, a request came twice and changed nothing`, verb: subject.verb, struck, wrong: null };
    return { name, verb: subject.verb, struck, wrong: difference(found, undone?.expected ?? expected) };
  } catch (error) {
    return { name, verb: subject.verb, struck: true, wrong: chainOf(error) };
  }
}

/** `notify by slack`. */
const nameOf = ({ verb, by }: Subject) => (by === undefined ? verb : `${verb} by ${by}`);

/** Temporal's failures say what failed outside, and why inside. */
function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${chainOf(error.cause)}`;
}

/** What is seen beside what was expected; null when they are the same. */
export function difference(seen: unknown, expected: unknown): string | null {
  if (isDeepStrictEqual(seen, expected)) return null;
  return `seen ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`;
}
