import { Client } from '@temporalio/client';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type RecoveryStatus, SCENARIO_WORKFLOWS, statusQuery } from '../workflows/recovery/messages.ts';

const EVERY_MS = 15_000;
/** Each costs a query. Where a fleet fails over at once they take turns, so that a look never costs more than this. */
const ASKED_AT_MOST = 20;
const TIMEOUT_MS = 5_000;

/** What Prometheus is told of one system while a recovery of it is open. */
interface Gauges {
  lifeboat_recoveries_open: number;
  lifeboat_gates_open: number;
  /** Of the gate that has been open longest. */
  lifeboat_gate_open_seconds: number;
  lifeboat_phases_paused: number;
  /** Time since the start without the time of people at gates, as a part of the recovery time objective. */
  lifeboat_objective_used_ratio: number;
}

const NOTHING: Gauges = {
  lifeboat_recoveries_open: 0,
  lifeboat_gates_open: 0,
  lifeboat_gate_open_seconds: 0,
  lifeboat_phases_paused: 0,
  lifeboat_objective_used_ratio: 0,
};

/**
 * Tells Prometheus of the recoveries that are open, until `signal` is aborted. It asks Temporal for them: unlike what
 * a worker remembers, the answer is true after any crash.
 */
export async function watchOpenRecoveries(
  {
    dataConverter,
    ...where
  }: { connection: NativeConnection; namespace: string; dataConverter?: DataConverter | undefined },
  meter: MetricMeter,
  { log, signal, everyMs = EVERY_MS }: { log: Logger; signal: AbortSignal; everyMs?: number },
): Promise<void> {
  const client = new Client({ ...where, ...(dataConverter && { dataConverter }) });
  const shown: Shown = new Map();
  while (!signal.aborted) {
    await look(client, meter, shown).catch((error) => log.warn({ error: String(error) }, 'cannot see open recoveries'));
    await until(signal, everyMs);
  }
}

/** The system by the run of its recovery, those that were asked longest ago first. */
export type Shown = Map<string, string>;

async function look(client: Client, meter: MetricMeter, shown: Shown): Promise<void> {
  const show = (system: string, gauges: Gauges) => {
    for (const [name, value] of Object.entries(gauges)) meter.createGauge(name, 'float').set(value, { system });
  };
  const { open, statuses } = await openRecoveries(client, shown);
  for (const [run, system] of shown) {
    if (open.includes(run)) continue;
    shown.delete(run);
    show(system, NOTHING);
  }
  for (const status of statuses) {
    shown.delete(status.runId);
    shown.set(status.runId, status.system);
    show(status.system, gaugesOf(status, Date.now()));
  }
}

/** The runs that are open, and what those say whose turn it is. */
async function openRecoveries(client: Client, shown: Shown): Promise<{ open: string[]; statuses: RecoveryStatus[] }> {
  const types = Object.values(SCENARIO_WORKFLOWS).map((type) => `'${type}'`);
  const query = `ExecutionStatus = 'Running' AND WorkflowType IN (${types.join(', ')})`;
  return await client.withDeadline(Date.now() + TIMEOUT_MS, async () => {
    const ids = new Map<string, string>();
    for await (const { workflowId, runId } of client.workflow.list({ query })) ids.set(runId, workflowId);
    const open = [...ids.keys()];
    const asked = inTurn(open, shown).map((run) =>
      client.workflow.getHandle(ids.get(run) ?? '', run).query(statusQuery),
    );
    return { open, statuses: await Promise.all(asked) };
  });
}

/** Whose turn it is to be asked: runs that never were, then those whose answer is oldest. */
export function inTurn(open: readonly string[], shown: Shown): string[] {
  const fresh = open.filter((run) => !shown.has(run));
  const known = [...shown.keys()].filter((run) => open.includes(run));
  return [...fresh, ...known].slice(0, ASKED_AT_MOST);
}

/** What a status says in numbers. */
export function gaugesOf(status: RecoveryStatus, nowMs: number): Gauges {
  const since = (iso: string) => (nowMs - Date.parse(iso)) / 1000;
  const waiting = status.waitingSince === null ? 0 : since(status.waitingSince);
  const machineSeconds = since(status.startedAt) - status.humanSeconds - waiting;
  return {
    lifeboat_recoveries_open: 1,
    lifeboat_gates_open: status.gates.length,
    lifeboat_gate_open_seconds: Math.max(0, ...status.gates.map(({ openedAt }) => since(openedAt))),
    lifeboat_phases_paused: status.phases.filter(({ state }) => state === 'paused').length,
    lifeboat_objective_used_ratio: Math.max(0, machineSeconds) / status.objectiveSeconds,
  };
}

/** Ends early when aborted. */
function until(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
