import { secretsFromFolder } from '../activities/secrets.ts';
import { PRIMARY, STANDBY } from '../lab/shapes/two-sites.ts';
import { createActivities } from '../workers/activities.ts';
import { createLog } from '../workers/log.ts';
import { recoveryId } from '../workflows/incident-messages.ts';
import { type Figure, load, type Part, spread } from './figures.ts';
import { countActions, sum } from './recovery/actions.ts';
import { byAlert, type Costs } from './recovery/by-alert.ts';
import { alongTheGraph, type Form, oneAfterAnother } from './recovery/forms.ts';
import { approvedSteps, namesOf, secondsToGreen } from './recovery/history.ts';
import { inProcess } from './recovery/in-process.ts';
import { forgetPeak, peakMegabytes } from './recovery/memory.ts';
import { operationsOf, phasesOf } from './recovery/operations.ts';
import { bringBack, inTheatre, loseRegion, run, type Theatre, until } from './recovery/theatre.ts';
import { unrecorded } from './recovery/unrecorded.ts';

/** What one form of the failover took, from the approval to the first green checks. */
interface Took {
  seconds: number;
  /** What was done, as `namesOf` says it. */
  names: string[];
}

/** What Lifeboat's form took beside time; what is billed is that of the recovery alone, which nobody's alert started. */
interface Spent extends Costs {
  megabytes: number;
}

type FormName = 'lifeboat' | 'script' | 'graph';

/** With the seconds of each form. */
type Round = Spent & Record<FormName, number>;

/**
 * The same failover in three forms on one lab: by Lifeboat; the same activities as plain functions one after the other;
 * and the same along the plan's dependencies. Before each the region is lost anew, after each it is brought back. Before
 * all that, in a lab of its own in which no recovery keeps another from starting, a failover comes by the alert, as it does in
 * earnest: it tells what one takes of Temporal in all.
 */
export const recovery: Part<{ rounds: string; name: string }> = {
  name: 'recovery',
  description: 'Time from approval to verified beside the same operations without an engine; actions, events, memory.',
  options: [
    ['--rounds <count>', 'how often each form is played', '5'],
    ['--name <name>', 'which lab', 'bench-recovery'],
  ],
  async run({ rounds, name }) {
    const costs = await inTheatre(name, byAlert);
    const measured = await inTheatre(name, async (theatre) => {
      const played: Round[] = [];
      for (let round = 1; round <= Number(rounds); round++) played.push(await playRound(theatre, round));
      return played;
    });
    return [...figuresOf(measured), ...figuresInAll(costs)];
  },
};

/** Each round begins with another form, so that none profits from its place. */
async function playRound(theatre: Theatre, round: number): Promise<Round> {
  const spent: Spent[] = [];
  const forms = {
    lifeboat: (approveAtMs: number) => byLifeboat(theatre, approveAtMs, (what) => spent.push(what)),
    script: (approveAtMs: number) => withoutEngine(theatre, approveAtMs, oneAfterAnother),
    graph: (approveAtMs: number) => withoutEngine(theatre, approveAtMs, alongTheGraph),
  };
  const names = ['lifeboat', 'script', 'graph'] as const;
  const took = { lifeboat: 0, script: 0, graph: 0 };
  const done = new Set<string>();
  for (const turn of names.keys()) {
    const name = names[(round - 1 + turn) % names.length] as (typeof names)[number];
    const played = await forms[name](loseRegion(theatre));
    took[name] = played.seconds;
    done.add(played.names.join('; '));
    console.log(`round ${round}, ${name}: ${played.seconds.toFixed(2)} s; load ${load()}`);
    await bringBack(theatre);
  }
  if (done.size > 1) throw new Error(`the forms did not do the same:\n${[...done].join('\n')}`);
  return { ...took, ...(spent[0] as Spent) };
}

async function byLifeboat(theatre: Theatre, approveAtMs: number, tell: (spent: Spent) => void): Promise<Took> {
  const { lab } = theatre;
  const [worker] = lab.records('third-place/worker');
  if (worker === undefined) throw new Error('the lab has no worker');
  const before = await unrecorded(lab);
  forgetPeak(worker.pid);
  const failover = await run(theatre, 'region-failover', { from: PRIMARY, to: STANDBY, approveAtMs });
  const { history } = failover;
  tell({
    actions: sum(countActions(history)) + (await unrecorded(lab)) - before,
    events: history.events?.length ?? 0,
    megabytes: peakMegabytes(worker.pid),
  });
  return { seconds: secondsToGreen(failover), names: namesOf(approvedSteps(history)) };
}

async function withoutEngine({ lab, plan, signal }: Theatre, approveAtMs: number, form: Form): Promise<Took> {
  const secrets = secretsFromFolder(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '');
  const { call, calls } = inProcess(createActivities({ secrets, log: createLog('bench') }));
  const workflowId = recoveryId(plan.system);
  const acting = {
    ...{ plan, from: PRIMARY, to: STANDBY, call, recorded: new Map() },
    recovery: { workflowId, runId: 'without an engine', epoch: Date.now() },
  };
  await until(approveAtMs, signal);
  const approvedMs = Date.now();
  await form(phasesOf(plan), (phase) => operationsOf(acting, phase));
  return { seconds: (Date.now() - approvedMs) / 1000, names: namesOf(calls) };
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const each = (value: (round: Round) => number) => rounds.map(value);
  const seconds = (name: string, form: FormName): Figure => ({
    name: `approval to verified, ${name}`,
    unit: 's',
    values: each((round) => round[form]),
    bound: null,
  });
  // The forms of a round are no pair: each waits anew, for up to a second, until a DNS server looks for changes.
  const median = (form: FormName) => spread(each((round) => round[form])).median;
  const against = (name: string, other: FormName, atMost: number): Figure => ({
    name,
    unit: '×',
    values: [median('lifeboat') / median(other)],
    bound: { of: 'every', atMost },
  });
  return [
    seconds('Lifeboat', 'lifeboat'),
    seconds('the same operations one after another', 'script'),
    seconds('the same operations on their critical path, no engine', 'graph'),
    against('median of Lifeboat against that of one after another', 'script', 0.8),
    against('median of Lifeboat against that of the critical path', 'graph', 1.25),
    { name: 'actions of its recovery alone', unit: 'actions', values: each(({ actions }) => actions), bound: null },
    { name: 'events of its recovery alone', unit: 'events', values: each(({ events }) => events), bound: null },
    {
      name: 'peak memory of the worker during a failover',
      unit: 'MB',
      values: each(({ megabytes }) => megabytes),
      bound: { of: 'every', atMost: 300 },
    },
  ];
}

/** What the bill of a failover is: nobody gets a recovery without the incident that starts it. */
function figuresInAll({ actions, events }: Costs): Figure[] {
  return [
    {
      name: 'Temporal actions of one failover: its incident from the alert on, its recovery, what no history has of them',
      unit: 'actions',
      values: [actions],
      bound: { of: 'every', atMost: 120 },
    },
    {
      name: 'history of one failover: its incident from the alert on, and its recovery',
      unit: 'events',
      values: [events],
      bound: { of: 'every', atMost: 400 },
    },
  ];
}
