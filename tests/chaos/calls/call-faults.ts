import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { faultOf, type Kind } from './choice.ts';
import { breakResolvers } from './faulty-resolver.ts';
import { breakSockets } from './faulty-socket.ts';

/** The attempt of an activity that calls. */
interface Attempt {
  step: string;
  attempt: number;
  calls: number;
}

/** Which calls fail, and what has become of it. */
interface Armed {
  seed: string;
  /** How often each step was scheduled: one that people have retried meets other faults than before. */
  runs: Map<string, number>;
  calls: number;
  injected: Injected[];
}

export interface Injected {
  kind: Kind;
  /** `cutOverDns dns 1.4: POST /2013-04-01/…`: the step, its attempt, the number of the call, how the call begins. */
  call: string;
}

/**
 * Lets each call that activities of this process make to the outside fail with a probability: each write to a socket,
 * and each DNS question. What others of this process do is left alone. It belongs to tests: no worker of the product
 * can load it.
 */
export class CallFaults {
  readonly #probability: number;
  readonly #attempts = new AsyncLocalStorage<Attempt>();
  readonly #undo: (() => void)[];
  #armed: Armed | null = null;

  constructor(probability: number) {
    this.#probability = probability;
    this.#undo = [breakSockets((text) => this.#next(text)), breakResolvers((text) => this.#next(text))];
  }

  /** For workers: notes on whose behalf calls are made. */
  readonly interceptor = ({ info }: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      execute: (input, next) => {
        const step = this.#numbered(`${info.activityType}${targetOf(input.args[0])}`, info.attempt);
        return this.#attempts.run({ step, attempt: info.attempt, calls: 0 }, () => next(input));
      },
    },
  });

  /** From now on calls fail as this seed says. */
  arm(seed: string): void {
    this.#armed = { seed, runs: new Map(), calls: 0, injected: [] };
  }

  /** From now on no call fails. Answers how many were made since, and which of them failed. */
  disarm(): { calls: number; injected: Injected[] } {
    const { calls = 0, injected = [] } = this.#armed ?? {};
    this.#armed = null;
    return { calls, injected };
  }

  /** Gives this process its sockets back. */
  end(): void {
    for (const undo of this.#undo) undo();
  }

  #numbered(step: string, attempt: number): string {
    const runs = this.#armed?.runs;
    const run = (runs?.get(step) ?? 0) + (attempt === 1 ? 1 : 0);
    runs?.set(step, run);
    return run <= 1 ? step : `${step} again ${run - 1}`;
  }

  #next(text: string): Kind | null {
    const attempt = this.#attempts.getStore();
    if (attempt === undefined || this.#armed === null) return null;
    attempt.calls += 1;
    this.#armed.calls += 1;
    const call = { step: attempt.step, attempt: attempt.attempt, number: attempt.calls };
    const kind = faultOf(this.#armed.seed, this.#probability, call);
    if (kind !== null) {
      this.#armed.injected.push({ kind, call: `${call.step} ${call.attempt}.${call.number}: ${readable(text)}` });
    }
    return kind;
  }
}

/** Of an activity's argument: the component that it acts on, or where it looks from. */
function targetOf(argument: unknown): string {
  const { component, vantage } = (argument ?? {}) as { component?: { name: string }; vantage?: string };
  const target = component?.name ?? vantage;
  return target === undefined ? '' : ` ${target}`;
}

const LENGTH = 60;

/** The first line, without what cannot be printed. */
const readable = (text: string) => (text.split('\r\n')[0] ?? '').replace(/[^\x20-\x7e]+/g, '·').slice(0, LENGTH);
