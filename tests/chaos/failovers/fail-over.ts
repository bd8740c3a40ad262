import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Verb } from '../../../plan/decision.ts';
import type { Report } from '../../../plan/report.ts';
import { decide } from '../../../starter/decide.ts';
import { startRecovery } from '../../../starter/recoveries.ts';
import { hasEnded } from '../../../starter/screen/ended.ts';
import { type GateStatus, type RecoveryStatus, statusQuery } from '../../../workflows/recovery/messages.ts';
import type { FastLab } from './fast-lab.ts';
import type { Course } from './judge.ts';
import type { Plot } from './plot.ts';
import { comeBack, strike, wakeDatabase } from './region.ts';

/** People who retry a phase more often than this look for another way. */
const RETRIES = 5;

const LOOK_MS = 250;

/** How one failover went. */
export interface Played {
  report: Report;
  seconds: number;
  /** Phases that paused and were ordered to be retried, each as often as that. */
  retried: string[];
  gates: string[];
}

/** Brings the disaster about, and has the real failover run to its report as people would. */
export async function failOver(fast: FastLab, course: Course, plot: Plot, signal: AbortSignal): Promise<Played> {
  const { lab, plan, client } = fast;
  const { from, to } = course;
  const people = new People(fast, course, plot);
  const since = Date.now();
  strike(lab, from, plot.kind === 'frozen' ? 'SIGSTOP' : 'SIGKILL');
  const detectedAt = new Date(since).toISOString();
  const over = new AbortController();
  const middle = people.inTheMiddle(over.signal);
  try {
    const input = { plan, scenario: 'region-failover', from, to, detectedAt, trigger: 'chaos' } as const;
    const { workflowId, runId } = await startRecovery(client, input);
    const report = await follow(client.workflow.getHandle(workflowId, runId), people, signal);
    return { report, seconds: (Date.now() - since) / 1000, retried: people.retried, gates: [...people.gates] };
  } finally {
    over.abort();
    await middle;
    await people.back;
    wakeDatabase(lab, from);
  }
}

/** Lets people look every now and then, until there is a report. */
async function follow(recovery: WorkflowHandle, people: People, signal: AbortSignal): Promise<Report> {
  let seen: RecoveryStatus | null = null;
  while (!signal.aborted) {
    // A worker that is busy answers the next time.
    const status = await recovery.query(statusQuery).catch(() => null);
    if (status && hasEnded(status)) return await recovery.result();
    if (status) await people.see(status);
    seen = status ?? seen;
    await sleep(LOOK_MS);
  }
  throw new Error(`no end in time: ${seen === null ? 'it never answered' : standing(seen)}`, { cause: signal.reason });
}

function standing({ state, summary, phases }: RecoveryStatus): string {
  const going = phases.filter(({ state }) => state === 'running' || state === 'paused');
  return [`${state}, ${summary}`, ...going.map(({ name, state, detail }) => `${name} ${state}: ${detail}`)].join('; ');
}

/** The on-call SRE, and whoever brings regions back. */
class People {
  readonly retried: string[] = [];
  readonly gates = new Set<string>();
  readonly #fast: FastLab;
  readonly #course: Course;
  readonly #plot: Plot;
  #rollBack = false;
  #back: Promise<void> | null = null;

  constructor(fast: FastLab, course: Course, plot: Plot) {
    this.#fast = fast;
    this.#course = course;
    this.#plot = plot;
  }

  /** When the region that people want back in service is there. */
  get back(): Promise<void> | null {
    return this.#back;
  }

  /** What the plot has happen while the failover runs. */
  async inTheMiddle(over: AbortSignal): Promise<void> {
    const { kind, afterMs } = this.#plot;
    const { lab } = this.#fast;
    await sleep(afterMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted || kind === 'killed') return;
    if (kind === 'undone') this.#rollBack = true;
    else wakeDatabase(lab, this.#course.from);
  }

  async see(status: RecoveryStatus): Promise<void> {
    if (this.#rollBack && status.state !== 'rolling-back') {
      this.#rollBack = false;
      this.#regionReturns();
      await this.#decide(status, 'rollback', 'recovery').catch(() => {
        // It has ended meanwhile, or goes back already.
      });
      return;
    }
    for (const { name, state, detail } of status.phases) {
      if (state === 'paused') await this.#retry(status, name, detail);
    }
    for (const gate of status.gates) await this.#atGate(status, gate);
  }

  /** A region that may still write is not written off: without proof only one that is known to be dead. */
  async #atGate(status: RecoveryStatus, { name }: GateStatus): Promise<void> {
    this.gates.add(name);
    if (name === 'failback') {
      this.#regionReturns();
      await this.#back;
    }
    const dead = this.#plot.kind === 'killed';
    await this.#decide(status, name === 'split-brain' && !dead ? 'reject' : 'approve', name).catch(() => {
      // A rollback has closed the gate meanwhile.
    });
  }

  async #retry(status: RecoveryStatus, phase: string, why: string): Promise<void> {
    // A region that people want back in service is brought back first.
    if (phase.startsWith('rollback-')) this.#regionReturns();
    if (this.retried.filter((name) => name.startsWith(`${phase}:`)).length >= RETRIES) {
      throw new Error(`${phase} keeps failing: ${why}`);
    }
    await this.#decide(status, 'retry', phase).then(
      () => this.retried.push(`${phase}: ${why}`),
      () => {
        // It was seen paused a moment ago, and goes on already.
      },
    );
  }

  #regionReturns(): void {
    this.#back ??= comeBack(this.#fast.lab, this.#course.from).catch(() => {
      // What did not start is started when the failover has ended.
    });
  }

  async #decide(status: RecoveryStatus, verb: Verb, target: string): Promise<void> {
    const { client, plan, keyFile } = this.#fast;
    const { accepted, detail } = await decide(client, plan, status, { verb, target, keyFile });
    if (!accepted) throw new Error(`the ${verb} of ${target} was refused: ${detail}`);
  }
}
