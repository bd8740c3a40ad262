import type { Action, Phase, ScenarioName } from './schema.ts';

/** Actions of a system whose other region is lost: everything is done in the region that takes over. */
const FAILOVER = [
  'assess',
  'approve',
  'promote-database',
  'promote-analytics',
  'promote-stream',
  'scale-workloads',
  'repoint-workloads',
  'register-targets',
  'cut-over-dns',
  'rebuild-cache',
  'invalidate-cdn',
  'verify',
] as const satisfies readonly Action[];

/** Actions of a move in which both regions take part. */
const PLANNED_MOVE = [
  'assess',
  'approve',
  'rebuild-standby',
  'mirror-stream',
  'rejoin-analytics',
  'scale-workloads',
  'hand-over-database',
  'promote-database',
  'promote-stream',
  'repoint-workloads',
  'rebuild-cache',
  'rebuild-old-primary',
  'register-targets',
  'cut-over-dns',
  'invalidate-cdn',
  'mirror-stream-back',
  'stand-down-workloads',
  'verify',
] as const satisfies readonly Action[];

/** The actions that each scenario can do. */
export const SCENARIO_ACTIONS = {
  'region-failover': FAILOVER,
  switchover: PLANNED_MOVE,
  failback: PLANNED_MOVE,
} as const satisfies Record<ScenarioName, readonly Action[]>;
export type ActionOf<S extends ScenarioName> = (typeof SCENARIO_ACTIONS)[S][number];

interface Before {
  actions: readonly Action[];
  why: string;
}

/** The actions that must be done before an action, where the scenario has them: clients never meet half a region. */
export const AFTER: Partial<Record<Action, Before>> = {
  'hand-over-database': {
    actions: ['rebuild-standby', 'mirror-stream', 'scale-workloads'],
    why: 'clients wait from then on, so whatever can be done before is done before',
  },
  'promote-database': { actions: ['hand-over-database'], why: 'what was written until then would be lost' },
  'promote-stream': { actions: ['hand-over-database', 'mirror-stream'], why: 'the mirror may lack what came last' },
  'rebuild-old-primary': { actions: ['promote-database'], why: 'there is no new primary to follow before' },
  'mirror-stream-back': {
    actions: ['promote-stream', 'cut-over-dns'],
    why: 'the stream of the region that is left still takes messages before',
  },
  'stand-down-workloads': { actions: ['cut-over-dns'], why: 'clients still come to the region before' },
  'repoint-workloads': { actions: ['promote-database'], why: 'there is no new primary to point at before' },
  'rebuild-cache': { actions: ['promote-database'], why: 'the standby may lack writes that the primary has' },
  'register-targets': {
    actions: ['scale-workloads', 'repoint-workloads'],
    why: 'targets are healthy only once the workloads serve',
  },
  'cut-over-dns': {
    actions: ['promote-database', 'promote-stream', 'scale-workloads', 'repoint-workloads', 'register-targets'],
    why: 'clients would come to a region that cannot serve them',
  },
  'invalidate-cdn': { actions: ['cut-over-dns'], why: 'the CDN would fetch from the old region again' },
};

/** The actions that a whole move does to every component of their kind, and what would be without. */
const EVERY_MOVE: Partial<Record<Action, string>> = {
  'promote-database': 'nothing would take writes in the region that takes over',
  'promote-stream': 'nothing would take messages in the region that takes over',
  'scale-workloads': 'the region that takes over would have the strength of a standby',
  'repoint-workloads': 'it would go on using the database of the region that is left',
  'register-targets': 'the load balancer of the region that takes over would have no targets',
  'cut-over-dns': 'clients would stay with the region that is left',
};

const HANDED_OVER: Partial<Record<Action, string>> = {
  ...EVERY_MOVE,
  'hand-over-database': 'a planned move loses nothing',
  'mirror-stream': 'one that took messages before is no mirror, and lacks what came since',
};

/** What each scenario must do to every component of an action's kind, and why. */
export const REQUIRED: Record<ScenarioName, Partial<Record<Action, string>>> = {
  'region-failover': EVERY_MOVE,
  switchover: HANDED_OVER,
  failback: {
    ...HANDED_OVER,
    'rebuild-standby': 'after a failover it is no standby, and cannot be promoted',
  },
};

/** Actions that prove or protect by themselves, whatever comes after them. */
const PROVING: readonly Action[] = ['assess', 'approve', 'verify'];

/** What proves or protects, and what a later action relies on: it is retried or rolled back, and never skipped. */
export const NOT_SKIPPABLE: ReadonlySet<Action> = new Set([
  ...PROVING,
  ...Object.values(AFTER).flatMap(({ actions }) => actions),
]);

/** The phases that must be done before a phase does its work. */
export function relyingOn({ action }: Pick<Phase, 'action'>, phases: readonly Phase[]): Phase[] {
  const before: readonly Action[] = AFTER[action]?.actions ?? [];
  return phases.filter((phase) => before.includes(phase.action));
}
