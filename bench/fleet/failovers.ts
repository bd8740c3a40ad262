import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { twoSites } from '../../lab/shapes/two-sites.ts';
import { statementText } from '../../plan/decision.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { usualDirection } from '../../plan/scenario.ts';
import { send } from '../../starter/decide.ts';
import { StarterError } from '../../starter/errors.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import { fetchStatus, startRecovery } from '../../starter/recoveries.ts';
import { makeStatement } from '../../starter/statement.ts';
import { recoveryId } from '../../workflows/incident-messages.ts';
import { countActions, sum } from '../recovery/actions.ts';
import { type Place, setUp } from './place.ts';

/** Whom the fakes of signatures know as on call. */
const APPROVER = 'sre@lab.test';
/** A call may have to wait behind a thousand others. */
const PATIENCE_MS = 10 * 60_000;
const WITHIN_MS = 60 * 60_000;
const SILENT_MS = 2 * 60_000;
/** Before people who were not heard try again. */
const AGAIN_MS = 1_000;
/** Failovers before anything is measured: programs that just started compile as they go. */
const WARM_UP = 5;
/** Histories that are counted, evenly spread over the fleet. */
const SAMPLE = 50;

/** Of one recovery. */
export interface HistorySize {
  events: number;
  /** What a cloud bill counts of them. */
  actions: number;
}

/** What a fleet of failovers took. */
export interface Fleet {
  size: number;
  /** From the first start to the end of the last. */
  seconds: number;
  /** Of each failover, from its start to its end. */
  each: number[];
  /** Those that did not end as recovered. */
  unrecovered: number;
  /** Of some of them, evenly spread. */
  histories: HistorySize[];
  /** Attempts to approve for which no worker had time. */
  unheard: number;
  /** Seconds of processor time. */
  workerCpu: number;
  temporalCpu: number;
  /** The worker's memory at most, in megabytes, and by how much that is more than before. */
  megabytes: number;
  grownMegabytes: number;
}

/** Lets that many systems fail over at once, each step taking `stepMs`, in a place of their own. */
export async function failOverAtOnce(size: number, stepMs: number, warmUp = WARM_UP): Promise<Fleet> {
  const plan = await loadRecoveryPlan({ system: twoSites.system, environment: 'lab' });
  const people = new People();
  const place = await setUp(stepMs, (workflowId) => people.approve(place.client, workflowId));
  try {
    await startAll(place, systems(plan, 'warm-up', warmUp));
    await allEnded(place.client, warmUp);
    place.use();
    const before = place.use();
    const begunAt = Date.now();
    await startAll(place, systems(plan, 'fleet', size));
    const ended = (await allEnded(place.client, warmUp + size)).filter(({ startTime }) => +startTime >= begunAt);
    const after = place.use();
    await people.done();
    return {
      ...{ size, ...timesOf(ended, begunAt), histories: await sample(place.client, ended), unheard: people.unheard },
      workerCpu: after.workerCpu - before.workerCpu,
      temporalCpu: after.temporalCpu - before.temporalCpu,
      megabytes: after.workerMegabytes,
      grownMegabytes: after.workerMegabytes - before.workerMegabytes,
    };
  } finally {
    await place.close();
  }
}

/** Each system has a plan of its own, the same but for its name. */
const systems = (plan: RecoveryPlan, name: string, count: number): RecoveryPlan[] =>
  Array.from({ length: count }, (_, at) => ({ ...plan, system: `${name}-${at + 1}` }));

async function startAll({ client }: Place, plans: readonly RecoveryPlan[]): Promise<void> {
  const detectedAt = new Date().toISOString();
  const about = { scenario: 'region-failover', detectedAt, trigger: 'the benchmark' } as const;
  await Promise.all(
    plans.map((plan) => {
      const input = { ...about, plan, ...usualDirection(plan, about.scenario) };
      return startRecovery(client, input, PATIENCE_MS);
    }),
  );
}

/** Those who are on call: they approve as soon as they are asked, and once more when no worker had time for them. */
class People {
  readonly #deciding: Promise<unknown>[] = [];
  /** How often they were not heard. */
  unheard = 0;

  approve(client: Client, workflowId: string): void {
    const system = workflowId.slice(recoveryId('').length);
    this.#deciding.push(this.#untilHeard(client, system).catch((error) => error));
  }

  async #untilHeard(client: Client, system: string): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await approve(client, system);
      } catch (error) {
        const busy = error instanceof StarterError && error.kind === 'no-worker';
        if (!busy || Date.now() >= until) throw error;
        this.unheard += 1;
        await sleep(AGAIN_MS);
      }
    }
  }

  /** Throws what first went wrong with a decision. */
  async done(): Promise<void> {
    const wrong = (await Promise.all(this.#deciding)).filter((answer) => answer !== undefined);
    if (wrong.length > 0) throw wrong[0];
  }
}

/** As `lifeboat approve` does it, but for the signature: the worker's fake of its check knows an approver by the name. */
async function approve(client: Client, system: string): Promise<void> {
  const status = await fetchStatus(client, system, PATIENCE_MS);
  const signer = { identity: APPROVER, now: new Date(), expiresMs: PATIENCE_MS };
  const statement = makeStatement(status, { verb: 'approve' }, signer);
  const signed = { statement: statementText(statement), signature: APPROVER };
  const { accepted, detail } = await send(client, { statement, signed }, PATIENCE_MS);
  if (!accepted) throw new Error(`${system}: the approval was refused: ${detail}`);
}

/**
 * All recoveries, once that many have ended. Throws early when Temporal has not answered for a while: its development
 * server, starved of processor time, may lose its database for good.
 */
async function allEnded(client: Client, count: number): Promise<WorkflowExecutionInfo[]> {
  let answeredAt = Date.now();
  const hopeless = () => {
    if (Date.now() - answeredAt > SILENT_MS) throw new Error('Temporal answers no more');
  };
  await eventually({ what: `${count} failovers to end`, withinMs: WITHIN_MS, everyMs: 250, hopeless }, async () => {
    const { count: ended } = await client.workflow.count("ExecutionStatus != 'Running'");
    answeredAt = Date.now();
    if (ended < count) throw new Error(`${ended} have ended`);
  });
  const all: WorkflowExecutionInfo[] = [];
  for await (const each of client.workflow.list()) all.push(each);
  return all;
}

function timesOf(ended: readonly WorkflowExecutionInfo[], begunAt: number) {
  const closed = ended.map(({ closeTime }) => Number(closeTime));
  const each = ended.map(({ startTime }, at) => ((closed[at] ?? Number.NaN) - Number(startTime)) / 1_000);
  const unrecovered = ended.filter(({ searchAttributes }) => searchAttributes['LifeboatOutcome']?.[0] !== 'recovered');
  return { seconds: (Math.max(...closed) - begunAt) / 1_000, each, unrecovered: unrecovered.length };
}

async function sample(client: Client, ended: readonly WorkflowExecutionInfo[]): Promise<HistorySize[]> {
  const step = Math.max(1, Math.floor(ended.length / SAMPLE));
  const sizes: HistorySize[] = [];
  for (const { workflowId, runId } of ended.filter((_, at) => at % step === 0)) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    sizes.push({ events: history.events?.length ?? 0, actions: sum(countActions(history)) });
  }
  return sizes;
}
