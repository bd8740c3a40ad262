import type { Activities, Step } from '../../../activities/contract.ts';
import type { ScenarioName } from '../../../plan/schema.ts';
import {
  broken,
  createFakes,
  deadRegion,
  type Fakes,
  failedOver,
  healthy,
  promotion,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from './fakes.ts';

/** Two regions of which each step changes something, and refuses what it cannot be done to. */
interface World {
  databaseFrom: 'primary' | 'stopped' | 'standby';
  databaseTo: 'diverged' | 'standby' | 'up to date' | 'primary';
  streamTo: 'own' | 'mirror' | 'source';
  scaled: boolean;
  repointed: boolean;
  registered: boolean;
  moved: Set<string>;
}

/** The worst that each scenario may begin with. */
const BEGINNING: Record<ScenarioName, Pick<World, 'databaseFrom' | 'databaseTo' | 'streamTo'>> = {
  'region-failover': { databaseFrom: 'stopped', databaseTo: 'up to date', streamTo: 'mirror' },
  switchover: { databaseFrom: 'primary', databaseTo: 'standby', streamTo: 'own' },
  failback: { databaseFrom: 'primary', databaseTo: 'diverged', streamTo: 'own' },
};

const SEEN = {
  'region-failover': [deadRegion, standbyRegion],
  switchover: [servingRegion, standbyRegion],
  failback: failedOver,
};

const done = { changed: true, detail: 'done' };

/** Activities on such a world, for one recovery in the direction that its scenario usually goes. */
export function worldOf(scenario: ScenarioName, to: string): Fakes {
  const world: World = {
    ...BEGINNING[scenario],
    ...{ scaled: false, repointed: false, registered: false, moved: new Set() },
  };
  /** A step that needs something of the world, and makes something of it. */
  const step =
    (needed: (there: Step) => boolean, make: (there: Step) => void = () => {}) =>
    async (there: Step) => {
      if (!needed(there)) throw broken(`cannot be done to ${JSON.stringify({ ...world, moved: [...world.moved] })}`);
      make(there);
      return done;
    };
  const always = () => true;
  const promoted = () => world.databaseTo === 'primary';
  const serving = () =>
    promoted() && world.streamTo === 'source' && world.scaled && world.repointed && world.registered;
  const moved = () => world.moved.size > 0;
  const intoTo = (there: Step) => there.to === to;
  const changes: Partial<Activities> = {
    rebuildStandby: step(
      (there) => intoTo(there) || promoted(),
      (there) => {
        if (intoTo(there)) world.databaseTo = 'standby';
        else world.databaseFrom = 'standby';
      },
    ),
    mirrorStream: step(
      (there) => intoTo(there) || (world.streamTo === 'source' && moved()),
      (there) => {
        if (intoTo(there)) world.streamTo = 'mirror';
      },
    ),
    // Clients wait from here on: what can be done before is done.
    handOverDatabase: async (there) => {
      await step(
        () => world.databaseTo === 'standby' && world.streamTo === 'mirror' && world.scaled,
        () => {
          world.databaseFrom = 'stopped';
        },
      )(there);
      return { ...done, final: { walPosition: '0/4000028', timeline: 1 } };
    },
    awaitNoLag: step(
      () => world.databaseFrom === 'stopped',
      () => {
        world.databaseTo = 'up to date';
      },
    ),
    promoteDatabase: async (there) => {
      await step(
        () => world.databaseTo === 'up to date',
        () => {
          world.databaseTo = 'primary';
        },
      )(there);
      return promotion;
    },
    promoteStream: step(
      () => world.streamTo === 'mirror' && world.databaseFrom !== 'primary',
      () => {
        world.streamTo = 'source';
      },
    ),
    scaleWorkloads: step(always, () => {
      world.scaled = true;
    }),
    repointWorkloads: step(promoted, () => {
      world.repointed = true;
    }),
    registerTargets: step(
      () => world.scaled && world.repointed,
      () => {
        world.registered = true;
      },
    ),
    cutOverDns: step(serving, ({ component }) => void world.moved.add(component.name)),
    rebuildCache: step(promoted),
    invalidateCdn: step(moved),
    standDownWorkloads: step(moved),
    watchRecovery: async () => {
      if (serving() && world.moved.size === 2) return healthy;
      throw broken('not healthy');
    },
    observe: async ({ vantage }) => ({
      ...vantageFacts(vantage, SEEN[scenario]),
      observedAt: new Date().toISOString(),
    }),
  };
  return createFakes(changes);
}
