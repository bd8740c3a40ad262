import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type {
  Activities,
  FenceResult,
  PromotionResult,
  SignatureVerdict,
  WatchResult,
} from '../../../activities/contract.ts';
import { incidentActivities } from '../../../activities/incident/index.ts';
import { digest } from '../../../plan/digest.ts';
import type { RegionFacts, VantageFacts } from '../../../plan/facts.ts';
import { type PlanRef, planRef, type RecoveryPlan } from '../../../plan/recovery-plan.ts';

/** Activities that do nothing but say that they did, and remember in which order they were called. */
export interface Fakes {
  calls: string[];
  activities: Activities;
}

const REGIONS = { dead: 'us-east-1', standby: 'eu-central-1' };

export const deadRegion: RegionFacts = {
  region: REGIONS.dead,
  serviceReachable: false,
  databaseReachable: false,
  databaseRole: null,
  timeline: null,
  walPosition: null,
  replayAgeSeconds: null,
  remarks: [],
};

export const standbyRegion: RegionFacts = {
  region: REGIONS.standby,
  serviceReachable: true,
  databaseReachable: true,
  databaseRole: 'standby',
  timeline: 1,
  walPosition: '0/3000148',
  replayAgeSeconds: 1,
  remarks: [],
};

/** Both regions as they are when nothing is wrong. */
export const servingRegion: RegionFacts = {
  ...deadRegion,
  serviceReachable: true,
  databaseReachable: true,
  databaseRole: 'primary',
  timeline: 1,
  walPosition: '0/3000148',
};

/** After a failover: the old region is back, and its database fenced. */
export const failedOver: RegionFacts[] = [
  { ...servingRegion, region: REGIONS.standby, timeline: 2 },
  { ...deadRegion, serviceReachable: true, remarks: ['connection refused'] },
];

export function vantageFacts(vantage: string, regions: RegionFacts[] = [deadRegion, standbyRegion]): VantageFacts {
  const now = new Date().toISOString();
  // The lease is whose primary is seen; nobody gets it because its holder is gone.
  const holder = regions.find(({ databaseRole }) => databaseRole === 'primary')?.region ?? REGIONS.dead;
  const lease = { holder, renewedAt: now, expiresAt: now, walPosition: '0/3000200' };
  return { vantage, observedAt: now, regions, servingRegions: [REGIONS.dead], lease };
}

export const provedFence: FenceResult = {
  changed: true,
  detail: 'fenced',
  proved: true,
  evidence: 'the lease ran out',
  obstacle: null,
  lastKnown: null,
};

export const promotion: PromotionResult = {
  changed: true,
  detail: 'promoted',
  timelineBefore: 1,
  timelineAfter: 2,
  promotedAt: '2026-01-01T00:00:00.000Z',
  dataLoss: { seconds: 2, bytes: 100, method: 'from the lease and the replayed commits' },
};

export const healthy: WatchResult = {
  healthy: true,
  over: true,
  watchedMs: 5_000,
  lookedAt: '2030-01-01T00:00:05.000Z',
  healthySince: '2030-01-01T00:00:00.000Z',
  breach: null,
  checks: [{ name: 'api', outcome: 'passed', detail: '200', at: '2030-01-01T00:00:00.000Z' }],
};

export const PEOPLE: Record<string, string[]> = {
  'sre@lab.test': ['on-call-sre'],
  'vp@lab.test': ['vp-engineering'],
  'both@lab.test': ['on-call-sre', 'vp-engineering'],
  'nobody@lab.test': ['intern'],
};

/** In place of ssh-keygen: the signature is the identity itself. */
function fakeVerdict(signature: string): SignatureVerdict {
  const roles = PEOPLE[signature];
  if (!roles) return { identity: null, roles: [], keyFingerprint: null, refusal: 'the signature is of no known key' };
  return { identity: signature, roles, keyFingerprint: `SHA256:${signature}`, refusal: null };
}

/** A failure that Temporal does not retry, so that the phase pauses at once. */
export const broken = (message: string) => ApplicationFailure.nonRetryable(message, 'NotReached');

const done = (detail: string) => ({ changed: true, detail });
const captured = (what: string) => ({ detail: `${what} as they were`, state: what });

/** The plans that the fakes hold, by what names them: tests change plans as no file does. */
const held = new Map<string, RecoveryPlan>();
const keyOf = ({ system, environment, hash }: PlanRef) => [system, environment, hash].join(' ');

/** Has the fakes hold a plan. Answers what names it. */
export function hold(plan: RecoveryPlan): PlanRef {
  const { hash: _, ...content } = plan;
  const own = { ...plan, hash: digest(content) };
  held.set(keyOf(own), own);
  return planRef(own);
}

function heldPlan(ref: PlanRef): RecoveryPlan {
  const plan = held.get(keyOf(ref));
  if (plan === undefined) throw ApplicationFailure.retryable('no such plan is held', 'PlanUnknown');
  return plan;
}

/** Systems that are well again, whatever a test makes of them before. */
export const healed = new Set<string>();

export function createFakes(overrides: Partial<Activities> = {}): Fakes {
  const calls: string[] = [];
  const plain: Activities = {
    readPlan: async ({ plan }) => heldPlan(plan),
    observe: async ({ vantage }) => ({ ...vantageFacts(vantage), observedAt: new Date().toISOString() }),
    fenceDatabase: async () => provedFence,
    promoteDatabase: async () => promotion,
    returnDatabase: async () => done('us-east-1 is the primary again'),
    handOverDatabase: async () => ({ ...done('stopped in order'), final: { walPosition: '0/4000028', timeline: 1 } }),
    awaitNoLag: async () => ({ changed: false, detail: 'all replayed' }),
    rebuildStandby: async ({ from, to }) => done(`${to} follows ${from}`),
    captureAnalytics: async () => captured('tables'),
    promoteAnalytics: async () => done('fetches stopped'),
    rejoinAnalytics: async ({ to }) => done(`${to} fetches`),
    restoreAnalytics: async () => done('fetches started'),
    captureStream: async () => captured('mirror'),
    promoteStream: async () => done('mirror is the source'),
    mirrorStream: async ({ from, to }) => done(`${to} mirrors ${from}`),
    restoreStream: async () => done('mirror again'),
    captureWorkloads: async () => captured('replicas'),
    scaleWorkloads: async () => done('2 -> 6'),
    confirmWorkloads: async () => ({ changed: false, detail: '6 ready' }),
    repointWorkloads: async () => done('pointed at eu-central-1'),
    restoreWorkloads: async () => done('6 -> 2'),
    standDownWorkloads: async () => done('6 -> 2 in the region that was left'),
    captureTargets: async () => captured('targets'),
    registerTargets: async () => done('registered'),
    restoreTargets: async () => done('deregistered'),
    captureDns: async ({ component }) => captured(component.name),
    cutOverDns: async () => done('moved'),
    restoreDns: async () => done('moved back'),
    rebuildCache: async () => done('1,000 keys'),
    invalidateCdn: async () => done('invalidated'),
    watchRecovery: async () => healthy,
    compareLedger: async () => ({ lostAcknowledgedWrites: 3 }),
    verifySignatures: async ({ decisions }) => decisions.map(({ signature }) => fakeVerdict(signature)),
    notify: async () => ({ detail: 'delivered' }),
    storeReport: async () => ({ location: 's3://lifeboat/evidence/report.json' }),
    storeIncident: async () => ({ location: 's3://lifeboat/evidence/incidents/part-0001.json' }),
    // The test server knows no visibility, by which acknowledgements are found.
    lastRecovery: async ({ recoveryId, runId }) =>
      incidentActivities().lastRecovery({ recoveryId, ...(runId && { runId }) }),
    isOwnRun: (request) => incidentActivities().isOwnRun(request),
    storeBreakGlass: async () => ({ location: 's3://lifeboat/evidence/latest.md' }),
    ...overrides,
  };
  const { observe } = plain;
  plain.observe = async (request) => {
    if (!healed.has(request.plan.system)) return await observe(request);
    return { ...vantageFacts(request.vantage, [servingRegion, standbyRegion]), observedAt: new Date().toISOString() };
  };
  const activities = Object.fromEntries(
    Object.entries(plain).map(([name, act]) => [
      name,
      recorded(calls, name, act as (input: never) => Promise<unknown>),
    ]),
  );
  return { calls, activities: activities as unknown as Activities };
}

/** The same activities, each of which first takes as long as is said. */
export function delayed(activities: Activities, delayMs: (verb: string) => number): Activities {
  const slow = Object.entries(activities).map(([verb, act]) => [
    verb,
    async (input: never) => {
      await sleep(delayMs(verb));
      return await (act as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return Object.fromEntries(slow) as Activities;
}

function recorded(calls: string[], name: string, act: (input: never) => Promise<unknown>) {
  return async (input: { component?: { name: string } }) => {
    // One is stored whenever anything has changed, and the other read before anything is done.
    if (!['storeBreakGlass', 'readPlan'].includes(name))
      calls.push(input.component ? `${name} ${input.component.name}` : name);
    return await act(input as never);
  };
}
