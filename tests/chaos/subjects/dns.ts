import type { Snapshot, Step } from '../../../activities/contract.ts';
import type { dnsActivities } from '../../../activities/dns/index.ts';
import { attempt } from '../../support/activities/step.ts';
import type { Subject } from './subject.ts';

/** What the names of each run answer before and after they have moved. */
export const OLD = '127.0.0.10';
export const NEW = '127.0.0.20';

interface Names {
  by: string;
  activities: ReturnType<typeof dnsActivities>;
  /** A name of the run's own that answers the old address. */
  start(run: number): Promise<{ step: Step; seen(): Promise<{ answers: string; changes: number }> }>;
  /** What a capture says of it. */
  captured(run: number): string;
}

/** The verbs of names: what they answer and how often their records were changed is asked outside. */
export function dnsSubjects({ by, activities, start, captured }: Names): Subject[] {
  const { captureDns, cutOverDns, restoreDns } = activities;
  const capture: Subject = {
    verb: 'captureDns',
    by,
    async prepare(run) {
      const { step, seen } = await start(run);
      const both = async (answer: unknown) => ({ ...(await seen()), captured: (answer as Snapshot).detail });
      return { input: step, seen: both, expected: { answers: OLD, changes: 0, captured: captured(run) } };
    },
  };
  const cutOver: Subject = {
    verb: 'cutOverDns',
    by,
    async prepare(run) {
      const { step, seen } = await start(run);
      const snapshot = await attempt(captureDns, step);
      const act = () => attempt(restoreDns, { ...step, snapshot });
      const undo = { act, expected: { answers: OLD, changes: 2 } };
      return { input: step, seen, expected: { answers: NEW, changes: 1 }, undo };
    },
  };
  const restore: Subject = {
    verb: 'restoreDns',
    by,
    async prepare(run) {
      const { step, seen } = await start(run);
      const snapshot = await attempt(captureDns, step);
      await attempt(cutOverDns, step);
      return { input: { ...step, snapshot }, seen, expected: { answers: OLD, changes: 2 } };
    },
  };
  return [capture, cutOver, restore];
}
