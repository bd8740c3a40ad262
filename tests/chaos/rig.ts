import { join } from 'node:path';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { secretsFromFolder } from '../../activities/secrets.ts';
import type { Lab } from '../../lab/lab.ts';
import { createActivities } from '../../workers/activities.ts';
import { keepAlive } from '../../workers/keep-alive.ts';
import '../support/workflows/quiet-runtime.ts';
import type { Fault } from './fault.ts';
import { FaultyProcess } from './faulty-process.ts';
import type { OneStep, oneStep, Verb } from './workflow.ts';

const WITHIN_MS = 90_000;

/** What came of a step whose worker was struck. */
export interface Struck {
  /** False when the activity ended without reaching the fault's point. */
  struck: boolean;
  /** What the step answered in the end. */
  result: unknown;
}

export interface Strike {
  verb: Verb;
  input: unknown;
  fault: Omit<Fault, 'activity'>;
  /** What happens to the outside between the end of the step and the waking of a frozen worker. */
  meanwhile?: () => Promise<unknown>;
}

/** Runs single steps on a lab's Temporal and strikes their workers. */
export class Rig {
  readonly #lab: Lab;
  readonly #connection: NativeConnection;
  readonly #client: Client;
  readonly #workflows: Worker;
  readonly #running: Promise<void>;
  #runs = 0;

  private constructor(lab: Lab, connection: NativeConnection, workflows: Worker) {
    this.#lab = lab;
    this.#connection = connection;
    this.#client = new Client({ connection });
    this.#workflows = workflows;
    this.#running = workflows.run();
  }

  /** The lab must have `third-place/temporal`. */
  static async start(lab: Lab): Promise<Rig> {
    const logger = new DefaultLogger('ERROR');
    const connection = await NativeConnection.connect({ address: lab.wiring['TEMPORAL_ADDRESS'] ?? '' });
    const workflowsPath = join(import.meta.dirname, 'workflow.ts');
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
    return new Rig(lab, connection, await Worker.create({ connection, taskQueue: 'chaos', workflowBundle }));
  }

  async end(): Promise<void> {
    this.#workflows.shutdown();
    await this.#running;
    await this.#connection.close();
  }

  /**
   * Runs a step on a worker that is struck, and then on one that is not. A frozen worker is woken when the step is done;
   * the answer comes when all that it still does is over.
   */
  async run({ verb, input, fault, meanwhile }: Strike): Promise<Struck> {
    this.#runs += 1;
    const taskQueue = `chaos-${process.pid}-${this.#runs}`;
    const worker = new FaultyProcess(this.#lab.wiring, taskQueue, { ...fault, activity: verb });
    try {
      await worker.isReady();
      const handle = await this.#start({ verb, input, taskQueue });
      const struck = await Promise.race([
        worker.isStruck().then(() => true),
        handle.result().then(() => worker.hasEnded()),
      ]);
      const result = await this.#finish(handle, taskQueue);
      await meanwhile?.();
      if (struck && fault.signal === 'SIGSTOP') await worker.wake();
      return { struck, result };
    } finally {
      await worker.end();
    }
  }

  /** Runs a step on whoever polls for it, and counts how often it was begun. */
  async step(step: OneStep): Promise<{ result: unknown; attempts: number }> {
    this.#runs += 1;
    const handle = await this.#start(step, `chaos-step-${process.pid}-${this.#runs}`);
    const result = await handle.result();
    const { events } = await handle.fetchHistory();
    const attempts = events?.map(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? 0) ?? [];
    return { result, attempts: Math.max(0, ...attempts) };
  }

  #start(step: OneStep, workflowId = step.taskQueue): Promise<WorkflowHandle<typeof oneStep>> {
    return this.#client.workflow.start<typeof oneStep>('oneStep', {
      args: [step],
      taskQueue: 'chaos',
      workflowId,
      workflowExecutionTimeout: WITHIN_MS,
    });
  }

  /** A worker that nothing happens to takes over. */
  async #finish(handle: WorkflowHandle<typeof oneStep>, taskQueue: string): Promise<unknown> {
    const secrets = secretsFromFolder(this.#lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '');
    const survivor = await Worker.create({
      connection: this.#connection,
      taskQueue,
      activities: { ...createActivities({ secrets, log: pino({ level: 'silent' }) }) },
      interceptors: { activity: [keepAlive] },
    });
    return await survivor.runUntil(handle.result());
  }
}
