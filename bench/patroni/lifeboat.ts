import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { approver } from '../../lab/gameday/approve.ts';
import { followRecovery } from '../../lab/gameday/follow.ts';
import { stopClient, underWay } from '../../lab/gameday/measure.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { readSecret } from '../../lab/secrets.ts';
import { PRIMARY, type Region, STANDBY } from '../../lab/shapes/two-sites.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import { silent } from '../../tests/support/gameday/support.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { Pair } from './pair.ts';
import type { Server } from './session.ts';

const APPROVED_WITHIN_MS = 180_000;
const PROMOTION = 'promote-database';

/**
 * The lab as a gameday has it, but for its client: Prometheus, Alertmanager and the gateway notice, the incident decides,
 * people approve as soon as they are asked, the old primary is fenced with proof and the standby promoted, while the
 * plan's other phases run beside that.
 */
export class LifeboatPair implements Pair {
  readonly old: Server;
  readonly next: Server;
  readonly #lab: Lab;
  readonly #plan: RecoveryPlan;
  readonly #client: Client;
  readonly #over = new AbortController();
  /** Answers what went wrong with the approval; null when nothing did. */
  #following: Promise<unknown> = Promise.resolve(null);
  #killedAt = 0;
  #status: RecoveryStatus | null = null;

  private constructor(lab: Lab, plan: RecoveryPlan, [old, next]: [Server, Server]) {
    this.old = old;
    this.next = next;
    this.#lab = lab;
    this.#plan = plan;
    this.#client = openClient();
  }

  static async start(): Promise<LifeboatPair> {
    const lab = await up({ name: `bench-patroni-${process.pid}` });
    try {
      Object.assign(process.env, lab.wiring);
      const plan = await loadRecoveryPlan({ system: lab.shape.system, environment: 'lab' });
      await underWay(lab, new AbortController().signal);
      await stopClient(lab);
      return new LifeboatPair(lab, plan, [await serverIn(lab, PRIMARY), await serverIn(lab, STANDBY)]);
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  async kill(): Promise<number> {
    this.#killedAt = Date.now();
    this.#lab.signal(PRIMARY, 'SIGKILL');
    this.#following = this.#approve().then(
      () => null,
      (error: unknown) => error,
    );
    return this.#killedAt;
  }

  async account(): Promise<string> {
    const ended = (name: string) => this.#status?.phases.find((phase) => phase.name === name)?.finishedAt;
    await eventually({ what: 'the end of the promotion', withinMs: APPROVED_WITHIN_MS }, async () => {
      if (!ended(PROMOTION)) throw new Error('it is not told yet');
    });
    const after = (at: string | null | undefined) =>
      `${((Date.parse(at ?? '') - this.#killedAt) / 1_000).toFixed(1)} s`;
    const started = after(this.#status?.startedAt);
    return `the recovery started after ${started}, approved ${after(ended('approve'))}, promoted ${after(ended(PROMOTION))}`;
  }

  async end(): Promise<void> {
    const wrong = await Promise.race([this.#following, null]);
    this.#over.abort();
    await this.#following;
    await closeClient(this.#client);
    await this.#lab.down();
    if (wrong !== null) throw wrong;
  }

  /** On a busy machine a look at the recovery may fail; whoever approves looks again. */
  async #approve(): Promise<void> {
    const { signal } = this.#over;
    await eventually({ what: 'the approval', withinMs: APPROVED_WITHIN_MS, signal }, () =>
      followRecovery(this.#client, this.#plan.system, {
        since: this.#killedAt,
        title: '',
        decide: approver(this.#client, this.#plan, { lab: this.#lab, yes: true, screen: silent }),
        meanwhile: async (status) => {
          this.#status = status;
        },
        screen: silent,
        signal,
      }),
    );
  }
}

async function serverIn(lab: Lab, region: Region): Promise<Server> {
  const { name: database, users } = lab.shape.database;
  const { name: user, secret } = users.application;
  const password = await readSecret(`${lab.folder}/secrets`, secret);
  return {
    name: region,
    connection: { ...lab.endpoint(`${region}/postgres`), database, user, password },
  };
}
