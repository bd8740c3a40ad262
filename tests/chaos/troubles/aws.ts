import { AwsBetween, type AwsTrouble } from '../../../lab/breaking/aws.ts';
import { lifeboatServices, restart } from '../../../lab/breaking/processes.ts';
import { unlessPausedSaying } from './stuck.ts';
import {
  firstOf,
  gameday,
  pausedPhase,
  type Stage,
  say,
  type Trouble,
  unlessRecovered,
  unlessTook,
} from './trouble.ts';

/** AWS answers, and not as one would like. */

/** Leads Lifeboat to AWS through a proxy that makes trouble; the guards and the DNS server are not led through it. */
export async function throughBetween<T>(stage: Stage, act: (between: AwsBetween) => Promise<T>): Promise<T> {
  const { lab, signal } = stage;
  const between = await AwsBetween.open(lab);
  try {
    await lab.remember({ LAB_AWS_PORT: `${between.port}` });
    await restart(lab, lifeboatServices(lab), { signal });
    return await act(between);
  } finally {
    between.close();
  }
}

/** Trouble that passes by itself, some time after the first call that it befell. */
function passing(
  service: string,
  trouble: AwsTrouble,
  forMs: number,
): Pick<AwsBetween, 'trouble'> & { befell(): number } {
  let calls = 0;
  let until = Number.POSITIVE_INFINITY;
  return {
    befell: () => calls,
    trouble(call) {
      // Only what a cutover does: looking at the zone while the region is well is no part of it.
      if (call.service !== service || performance.now() > until) return null;
      calls += 1;
      if (calls === 1) until = performance.now() + forMs;
      return trouble;
    },
  };
}

/** Nobody has to do anything: it takes longer, and the report says so. */
export function waitedFor(name: string, phase: string, trouble: AwsTrouble, forMs: number): Trouble {
  return {
    name: `${name} for ${forMs / 1000} s: recovered by itself`,
    endure: (stage) =>
      throughBetween(stage, async (between) => {
        const route53 = passing('route53', trouble, forMs);
        between.trouble = route53.trouble;
        const played = await gameday(stage, {});
        return firstOf(
          route53.befell() === 0 && 'the trouble befell no call',
          unlessRecovered(played),
          unlessTook(played.report, phase, forMs),
        );
      }),
  };
}

/** A service of AWS is dead until its phase has paused; people mend it, or go on without it. */
function deadUntilPaused(service: string, phase: string, says: RegExp, order: 'retry' | 'skip'): Trouble {
  return {
    name: `AWS ${service} is dead: ${phase} pauses, ${order}`,
    endure: (stage) =>
      throughBetween(stage, async (between) => {
        let paused: string | null = null;
        between.trouble = (call) => (call.service === service ? 'dead' : null);
        const played = await gameday(stage, {
          async meanwhile(status) {
            const found = pausedPhase(status, phase);
            if (!found || paused !== null) return;
            paused = found.detail;
            if (order === 'retry') between.trouble = () => null;
            await say(stage.lab, status, order, phase);
          },
        });
        return firstOf(unlessPausedSaying(phase, paused, says), unlessRecovered(played));
      }),
  };
}

export const pendingFor = (forMs: number) =>
  waitedFor('changes of Route 53 stay PENDING', 'cut-over-dns', 'pending', forMs);

export const aws: Trouble[] = [
  waitedFor('Route 53 throttles its callers', 'cut-over-dns', 'throttled', 12_000),
  pendingFor(120_000),
  deadUntilPaused('route53', 'cut-over-dns', /could not find hosted zone teei\.test: /, 'retry'),
  // What browsers may see for longer is told; nothing else waits for it.
  deadUntilPaused('cloudfront', 'invalidate-cdn', /could not .*(invalidat|distribution)/i, 'skip'),
];
