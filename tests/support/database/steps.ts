import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import type {
  EndOfLog,
  FenceResult,
  HandOverResult,
  PromotionResult,
  RecoveryRef,
  StepResult,
} from '../../../activities/contract.ts';
import { databaseActivities } from '../../../activities/database/index.ts';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import { SYSTEM } from '../lab/shape.ts';
import { PRIMARY, type Region, STANDBY, type TwoRegions } from './two-regions.ts';

interface Direction {
  from: Region;
  to: Region;
}

/** The database's verbs as a worker would run them, of one recovery. */
export class Steps {
  readonly recovery: RecoveryRef;
  #regions: TwoRegions;
  #verbs: ReturnType<typeof databaseActivities>;

  #direction: Direction;

  #component: Partial<WiredComponent>;

  /** @param component what the plan says of it otherwise */
  constructor(
    regions: TwoRegions,
    epoch = Date.now(),
    direction: Direction = { from: PRIMARY, to: STANDBY },
    component: Partial<WiredComponent> = {},
  ) {
    this.#direction = direction;
    this.#component = component;
    this.recovery = { workflowId: `recovery/${SYSTEM}`, runId: `run-${epoch}`, epoch };
    this.#regions = regions;
    this.#verbs = databaseActivities({ secrets: secretsFromFolder(regions.secrets), log: pino({ level: 'silent' }) });
  }

  get #step() {
    return {
      recovery: this.recovery,
      component: { ...this.#regions.component(), ...this.#component },
      ...this.#direction,
    };
  }

  fence(): Promise<FenceResult> {
    return this.#run(this.#verbs.fenceDatabase, this.#step);
  }

  promote(fenced: FenceResult, downSince: string | null, withinMs?: number): Promise<PromotionResult> {
    const step = { ...this.#step, lastKnown: fenced.lastKnown, downSince };
    return this.#run(this.#verbs.promoteDatabase, step, withinMs);
  }

  giveBack(): Promise<StepResult> {
    return this.#run(this.#verbs.returnDatabase, this.#step);
  }

  handOver(): Promise<HandOverResult> {
    return this.#run(this.#verbs.handOverDatabase, this.#step);
  }

  noLag(final: EndOfLog): Promise<StepResult> {
    return this.#run(this.#verbs.awaitNoLag, { ...this.#step, final });
  }

  /** Of the region that was left, as a standby of the new primary. */
  rebuildOld(): Promise<StepResult> {
    const { from, to } = this.#direction;
    return this.#run(this.#verbs.rebuildStandby, { ...this.#step, from: to, to: from });
  }

  /** Of the region to move to, as a standby of the one that serves. */
  rebuildNew(): Promise<StepResult> {
    return this.#run(this.#verbs.rebuildStandby, this.#step);
  }

  /** All of a planned move of the database, in order. */
  async switchOver(): Promise<PromotionResult> {
    const { final } = await this.handOver();
    await this.noLag(final);
    return await this.promote(await this.fence(), new Date().toISOString());
  }

  #run<A, R>(verb: (step: A) => Promise<R>, step: A, withinMs = 60_000): Promise<R> {
    const environment = new MockActivityEnvironment(
      { startToCloseTimeoutMs: withinMs },
      { logger: new DefaultLogger('ERROR') },
    );
    return environment.run(verb, step) as Promise<R>;
  }
}
