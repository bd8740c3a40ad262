import type { Report } from '../../plan/report.ts';
import type { OutsideCheck } from './checks.ts';
import type { Watching } from './incident.ts';
import type { Measured } from './measure.ts';

/** What a row is played on: a lab under load, a client of Temporal, the plan. */
export interface Stage extends Watching {
  /** Approve without asking. */
  yes: boolean;
}

/** What came of a row. */
export interface RowResult {
  /** Null where no recovery was to start. */
  report: Report | null;
  /** What the client saw, where it was moved for good. */
  measured?: Measured;
  checks: OutsideCheck[];
}

/** A disaster to rehearse in a lab, by a plan. */
export interface Row {
  name: string;
  /** One line for people. */
  title: string;
  /** The system whose plan is followed. */
  plan: string;
  /** Name of the shape of the lab. */
  shape: string;
  /** Is the system to be recovered by it, its objectives met? */
  recovers?: true;
  play(stage: Stage): Promise<RowResult>;
}

interface RowParts<T> extends Omit<Row, 'play'> {
  /** Makes the disaster, and follows what Lifeboat makes of it to its end. */
  disaster(stage: Stage): Promise<T>;
  /** Looks from outside at what must hold then. */
  mustHold(stage: Stage, happened: T): Promise<RowResult>;
}

export function row<T>({ disaster, mustHold, ...named }: RowParts<T>): Row {
  return { ...named, play: async (stage) => mustHold(stage, await disaster(stage)) };
}

export const check = (name: string, passed: boolean, seen: string): OutsideCheck => ({ name, passed, seen });

/** Answers a function that does it the first time it is called, and waits for it every time. */
export function once<A extends unknown[]>(act: (...first: A) => Promise<unknown>): (...given: A) => Promise<void> {
  let doing: Promise<unknown> | null = null;
  return async (...given) => {
    doing ??= act(...given);
    await doing;
  };
}
