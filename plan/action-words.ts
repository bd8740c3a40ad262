import type { Action } from './schema.ts';

/** What an action of a phase means to people: the runbook and `plan show` say it in these words. */
export interface ActionWords {
  /** Verbs of `activities/contract.ts`, in the order in which they run, and what each does. */
  steps: readonly { verb: string; does: string }[];
  /** What rollback does about it, or why there is nothing to do. */
  undo: { verb: string | null; does: string };
  /** Where to look when the phase pauses. */
  look: string;
}

export const ACTION_WORDS = {
  assess: {
    steps: [
      {
        verb: 'observe',
        does: 'Probe both regions from every place that can: does the service answer, does the database, how far behind is the standby?',
      },
    ],
    undo: { verb: null, does: 'Nothing was changed.' },
    look: 'The facts are in `lifeboat status`. A probe that cannot tell says so: unknown is never read as good.',
  },
  approve: {
    steps: [
      {
        verb: 'verifySignatures',
        does: 'Show the facts and wait for signed approvals. When the facts drift beyond the plan, ask again.',
      },
    ],
    undo: { verb: null, does: 'Nothing was changed.' },
    look: 'Whose approval is missing is in `lifeboat status`.',
  },
  'promote-database': {
    steps: [
      {
        verb: 'fenceDatabase',
        does: 'Fence the old primary: take its lease, and prove that it can take no more writes. Without proof, ask at the gate "split-brain".',
      },
      { verb: 'promoteDatabase', does: 'Promote the standby, and measure what was lost.' },
    ],
    undo: {
      verb: 'returnDatabase',
      does: 'Rollback is a failback and needs its own approval. It discards the writes made since, unless the old primary has become a standby of the new one by then.',
    },
    look: 'Is the standby up, a standby, and on the timeline of the primary? How far behind is it? Who holds the lease?',
  },
  'promote-analytics': {
    steps: [
      { verb: 'captureAnalytics', does: 'Record the state of the replicas.' },
      { verb: 'promoteAnalytics', does: 'Stop fetching from the old region, and check that the tables are whole.' },
    ],
    undo: { verb: 'restoreAnalytics', does: 'Fetch from the old region again.' },
    look: 'Does the server in the standby region answer, and are its tables writable?',
  },
  'promote-stream': {
    steps: [
      { verb: 'captureStream', does: 'Record the configuration of the mirror.' },
      { verb: 'promoteStream', does: 'Turn the mirror into a source that takes the subjects itself.' },
    ],
    undo: { verb: 'restoreStream', does: 'Make it a mirror again.' },
    look: 'Does the stream server in the standby region answer, and does the stream take its subjects?',
  },
  'scale-workloads': {
    steps: [
      { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads use.' },
      { verb: 'scaleWorkloads', does: 'Scale every deployment to full strength and wait until its pods are ready.' },
    ],
    undo: { verb: 'restoreWorkloads', does: 'Put the recorded replica counts back.' },
    look: 'Are pods pending or crashing? Has the cluster room for them?',
  },
  'repoint-workloads': {
    steps: [
      { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads use.' },
      {
        verb: 'repointWorkloads',
        does: 'Write the new primary into the database Secret and roll the deployments out.',
      },
    ],
    undo: { verb: 'restoreWorkloads', does: 'Put the recorded database back and roll out again.' },
    look: 'Is the rollout stuck? Do new pods reach the new primary?',
  },
  'register-targets': {
    steps: [
      { verb: 'captureTargets', does: 'Record the registered targets.' },
      {
        verb: 'registerTargets',
        does: "Register the region's targets with its load balancer and wait until they are in.",
      },
    ],
    undo: { verb: 'restoreTargets', does: 'Put the recorded targets back.' },
    look: 'Which targets are unhealthy in the target group, and what does their health check say?',
  },
  'cut-over-dns': {
    steps: [
      { verb: 'captureDns', does: 'Record what the names answer.' },
      {
        verb: 'confirmWorkloads',
        does: 'Confirm that the workloads have the pods that they were scaled to; set a count that was lowered meanwhile again.',
      },
      {
        verb: 'cutOverDns',
        does: 'Move the records, wait until the name servers answer the new address, and until the old one has expired at resolvers.',
      },
    ],
    undo: { verb: 'restoreDns', does: 'Put the recorded answers back.' },
    look: 'What do the authoritative name servers answer? Resolvers keep the old answer for the time to live of the record.',
  },
  'rebuild-cache': {
    steps: [{ verb: 'rebuildCache', does: 'Empty the cache of the standby region and fill it from the new primary.' }],
    undo: { verb: null, does: 'The cache holds nothing of its own.' },
    look: 'Does the cache answer, and does the new primary? Skipping is safe: the cache fills by itself, slowly.',
  },
  'invalidate-cdn': {
    steps: [{ verb: 'invalidateCdn', does: 'Throw away what the CDN has cached from the old region.' }],
    undo: { verb: null, does: 'What was thrown away is fetched again.' },
    look: 'Is the invalidation in progress? Skipping is safe once cached answers have expired.',
  },
  'rebuild-standby': {
    steps: [
      {
        verb: 'rebuildStandby',
        does: 'Make the database in the region to move to a standby of the primary, by its guard: as it is where that is enough, else by rewinding, else by copying everything; data from before is kept. Wait until it has caught up.',
      },
    ],
    undo: { verb: null, does: 'A standby harms nobody: it stays one.' },
    look: 'Does the guard there run, does it reach its store and the primary, and has its disk room for a copy? What it did last is in its log.',
  },
  'hand-over-database': {
    steps: [
      {
        verb: 'handOverDatabase',
        does: 'Stop writes: the guard of the old primary shuts it down in order, with all of its log sent.',
      },
      { verb: 'awaitNoLag', does: 'Wait until the standby has replayed that log to its very end.' },
    ],
    undo: { verb: 'returnDatabase', does: 'Withdraw it: the old primary takes writes again, and nothing is lost.' },
    look: 'Does the guard of the old primary run? How far has the standby replayed? Clients wait meanwhile: when in doubt, roll back.',
  },
  'rebuild-old-primary': {
    steps: [
      {
        verb: 'rebuildStandby',
        does: 'Make the old primary a standby of the new one, by its guard, and wait until it has caught up.',
      },
    ],
    undo: { verb: null, does: 'Going back is lossless from here: the new primary hands over to its standby.' },
    look: 'Does the guard there run, and does it reach the new primary? Skipping is safe for clients: the system then has no standby.',
  },
  'rejoin-analytics': {
    steps: [
      {
        verb: 'rejoinAnalytics',
        does: 'Fetch from each other again in both regions, and wait until nothing is missing.',
      },
    ],
    undo: { verb: null, does: 'Both replicas take reads and inserts all the time.' },
    look: 'Do both servers answer, and their coordination service? Which parts are still to be fetched?',
  },
  'mirror-stream': {
    steps: [
      {
        verb: 'mirrorStream',
        does: 'Mirror the stream into the region to move to, where it is not mirrored, and wait until the mirror is up to date.',
      },
    ],
    undo: { verb: null, does: 'A mirror takes nothing from the stream: it stays.' },
    look: 'Do both stream servers answer, and does each reach the other?',
  },
  'mirror-stream-back': {
    steps: [{ verb: 'mirrorStream', does: 'Mirror the stream into the region that was left.' }],
    undo: { verb: null, does: 'A mirror takes nothing from the stream: it stays.' },
    look: 'Do both stream servers answer, and does each reach the other? Skipping is safe for clients: the stream then has no mirror.',
  },
  'stand-down-workloads': {
    steps: [
      { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads there use.' },
      {
        verb: 'standDownWorkloads',
        does: 'Point the workloads of the region that was left at the new primary, and scale them to the strength of a standby.',
      },
    ],
    undo: { verb: 'restoreWorkloads', does: 'Put the recorded replica counts and database back.' },
    look: 'Is the rollout there stuck? Skipping is safe: it costs pods that do nothing.',
  },
  verify: {
    steps: [
      {
        verb: 'watchRecovery',
        does: 'Check that every name that was moved leads here, and ask every service by the name that clients use; keep asking through the watch period; judge the rollback criteria.',
      },
      { verb: 'compareLedger', does: 'In drills with a load generator: count acknowledged writes that are missing.' },
    ],
    undo: { verb: null, does: 'Nothing was changed.' },
    look: 'Which check fails is in `lifeboat status`.',
  },
} as const satisfies Record<Action, ActionWords>;

/** The words of an action. */
export const wordsFor = (action: Action): ActionWords => ACTION_WORDS[action];
