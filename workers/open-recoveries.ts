import { Client } from '@temporalio/client';
import type { DataConverter, MetricMeter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type RecoveryStatus, SCENARIO_WORKFLOWS, statusQuery } from '../workflows/recovery/messages.ts';

/** Each look costs one query per open recovery, and there are few. */
const EVERY_MS = 15_000;
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
  const shown = new Set<string>();
  while (!signal.aborted) {
    await look(client, meter, shown).catch((error) => log.warn({ error: String(error) }, 'cannot see open recoveries'));
    await until(signal, everyMs);
  }
}

async function look(client: Client, meter: MetricMeter, shown: Set<string>): Promise<void> {
  const statuses = await openRecoveries(client);
  for (const { system } of statuses) shown.add(system);
  for (const system of shown) {
    const status = statuses.find((open) => open.system === system);
    const gauges = status ? gaugesOf(status, Date.now()) : NOTHING;
    for (const [name, value] of Object.entries(gauges)) meter.createGauge(name, 'float').set(value, { system });
  }
}

async function openRecoveries(client: Client): Promise<RecoveryStatus[]> {
  const types = Object.values(SCENARIO_WORKFLOWS).map((type) => `'${type}'`);
  const query = `ExecutionStatus = 'Running' AND WorkflowType IN (${types.join(', ')})`;
  return await client.withDeadline(Date.now() + TIMEOUT_MS, async () => {
    const asked: Promise<RecoveryStatus>[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query }))
      asked.push(client.workflow.getHandle(workflowId, runId).query(statusQuery));
    return await Promise.all(asked);
  });
}

/** What a status says in numbers. */
export function gaugesOf(status: RecoveryStatus, nowMs: number): Gauges {
  const since = (iso: string) => (nowMs - Date.parse(iso)) / 1000;
  const machineSeconds = since(status.startedAt) - status.humanSeconds;
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
