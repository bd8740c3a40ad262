import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import { withDatabase } from '../../../lab/database.ts';
import { type Lab, up } from '../../../lab/lab.ts';
import { THIRD_PLACE } from '../../../lab/places.ts';
import { digest } from '../../../plan/digest.ts';
import type { RecoveryPlan, WiredComponent } from '../../../plan/recovery-plan.ts';
import { closeClient, openClient } from '../../../starter/client.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { createActivities } from '../../../workers/activities.ts';
import { heldPlans } from '../../../workers/held-plans.ts';
import { workerOptions } from '../../../workers/options.ts';
import { registerSearchAttributes } from '../../../workers/register-search-attributes.ts';
import { regionTaskQueue, TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { PRIMARY, REGIONS, STANDBY, SYSTEM } from '../../support/lab/shape.ts';
import '../../support/workflows/quiet-runtime.ts';
import type { CallFaults } from '../calls/call-faults.ts';
import { Writers } from './writers.ts';

/** Everything that a region failover acts on, and the application that clients see; no alerting, no notifications. */
const SERVICES = [`${STANDBY}/application`, `${THIRD_PLACE}/client`, `${THIRD_PLACE}/temporal`];

const LEASE_TTL = '3s';
const WATCH = '1s';

/**
 * The fast lab profile: real services of a lab, with a short lease and a short watch, and workers of the product in
 * this process, so that failover follows failover within seconds.
 */
export class FastLab {
  readonly lab: Lab;
  readonly plan: RecoveryPlan;
  readonly client: Client;
  readonly writers: Writers;
  readonly #end: () => Promise<void>;

  private constructor(lab: Lab, plan: RecoveryPlan, end: () => Promise<void>) {
    this.lab = lab;
    this.plan = plan;
    this.client = openClient();
    this.writers = new Writers(lab);
    this.#end = end;
  }

  static async start(name: string, faults: CallFaults, signal: AbortSignal): Promise<FastLab> {
    const lab = await up({ name, only: SERVICES, leaseTtl: LEASE_TTL, signal });
    try {
      Object.assign(process.env, lab.wiring);
      await withDatabase(lab, PRIMARY, (client) => client.query(Writers.TABLE));
      const plan = await fastPlan();
      const endWorkers = await startWorkers(lab, plan, faults);
      const fast = new FastLab(lab, plan, endWorkers);
      fast.writers.start();
      return fast;
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  /** With this key decisions are signed as the on-call SRE. */
  get keyFile(): string {
    return join(this.lab.folder, 'keys', 'sre-on-call');
  }

  component(name: string): WiredComponent {
    const found = this.plan.components[name];
    if (found === undefined) throw new Error(`the plan has no ${name}`);
    return found;
  }

  async end(): Promise<void> {
    try {
      await this.writers.stop();
      await closeClient(this.client);
      await this.#end();
    } finally {
      await this.lab.down();
    }
  }
}

/** Nobody is told anything: messages are tried for long and hold up no failover, and this lab has no channels. */
async function fastPlan(): Promise<RecoveryPlan> {
  const { hash: _, ...plan } = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
  const { prometheus: __, ...service } = plan.service;
  const scenario = plan.scenarios['region-failover'];
  if (scenario === undefined) throw new Error('the plan has no region failover');
  const fast = { ...plan, service, notifications: [], scenarios: { 'region-failover': { ...scenario, watch: WATCH } } };
  return { ...fast, hash: digest(fast) };
}

/** As the lab's worker processes, with an interceptor more. Answers how to end them. */
async function startWorkers({ wiring }: Lab, plan: RecoveryPlan, faults: CallFaults): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: wiring['TEMPORAL_ADDRESS'] ?? '' });
  await registerSearchAttributes(connection, 'default');
  const secrets = secretsFromFolder(wiring['LIFEBOAT_SECRETS_DIR'] ?? '');
  const activities = createActivities(
    { secrets, log: pino({ level: 'silent' }) },
    { ...heldPlans({}), inForce: async () => ({ plans: [plan], problems: [] }) },
  );
  const queues = [TASK_QUEUE, ...REGIONS.map((region) => regionTaskQueue(plan, region))];
  const workers = await Promise.all(
    queues.map(async (taskQueue) => {
      const options = await workerOptions({ connection, namespace: 'default', taskQueue, activities });
      const activity = [...(options.interceptors?.activity ?? []), faults.interceptor];
      return await Worker.create({ ...options, interceptors: { ...options.interceptors, activity } });
    }),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    // A signal that interrupts the process has stopped them already.
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
  };
}
