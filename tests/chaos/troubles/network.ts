import { setTimeout as sleep } from 'node:timers/promises';
import { Network, type Port, type Toxic } from '../../../lab/breaking/network.ts';
import { REGIONS, type Region, STANDBY } from '../../support/lab/shape.ts';
import { unlessPausedSaying } from './stuck.ts';
import {
  firstOf,
  gameday,
  hasBegun,
  once,
  pausedPhase,
  type Stage,
  say,
  type Trouble,
  unlessRecovered,
  unlessTook,
} from './trouble.ts';

const PORTS: Port[] = ['postgres', 'clickhouse', 'nats', 'redis', 'kubernetes'];
const SLOW: Toxic = { type: 'latency', attributes: { latency: 300, jitter: 100 } };
const SILENT: Toxic = { type: 'timeout', attributes: { timeout: 0 } };
/** The least of a phase that waits for five answers, as a promotion does. */
const SLOW_PHASE_MS = 1_000;
const CUT_MS = 8_000;

async function through(stage: Stage, ports: readonly Port[]): Promise<Network> {
  const network = await Network.open(stage.lab, ports);
  await network.lead(stage.lab, stage.signal);
  return network;
}

const everywhere = (regions: readonly Region[], act: (service: string) => Promise<void>) =>
  Promise.all(regions.flatMap((region) => PORTS.map((port) => act(`${region}/${port}`))));

/** Every answer from both regions takes 0.2 to 0.4 s longer, as across an ocean on a bad day. */
async function slow(stage: Stage): Promise<string | null> {
  const network = await through(stage, PORTS);
  await everywhere(REGIONS, (service) => network.spoil(service, SLOW));
  const played = await gameday(stage, {});
  return firstOf(unlessRecovered(played), unlessTook(played.report, 'promote-database', SLOW_PHASE_MS));
}

/** Lifeboat loses the region that takes over in the middle of what it does there, for a while. */
function cutAt(phase: string): Trouble {
  return {
    name: `the network to ${STANDBY} is cut for ${CUT_MS / 1000} s as ${phase} begins: recovered by itself`,
    async endure(stage) {
      const network = await through(stage, PORTS);
      let healed: Promise<void> | null = null;
      const cut = once(async () => {
        await everywhere([STANDBY], (service) => network.cut(service));
        healed = sleep(CUT_MS).then(() => network.mend());
      });
      const played = await gameday(stage, {
        async meanwhile(status) {
          if (hasBegun(status, phase)) await cut();
        },
      });
      await healed;
      return firstOf(healed === null && `${phase} did not begin`, unlessRecovered(played));
    },
  };
}

/** Connections to a service stay open and nothing comes back, until its phase has paused. */
function silentUntilPaused(port: Port, phase: string, says: RegExp): Trouble {
  return {
    name: `${port} in ${STANDBY} is silent: ${phase} pauses, retry`,
    async endure(stage) {
      const network = await through(stage, [port]);
      let paused: string | null = null;
      const played = await gameday(stage, {
        beforeDisaster: () => network.spoil(`${STANDBY}/${port}`, SILENT),
        async meanwhile(status) {
          const found = pausedPhase(status, phase);
          if (!found || paused !== null) return;
          paused = found.detail;
          await network.mend();
          await say(stage.lab, status, 'retry', phase);
        },
      });
      return firstOf(unlessPausedSaying(phase, paused, says), unlessRecovered(played));
    },
  };
}

export const network: Trouble[] = [
  { name: 'the network to both regions is slow: recovered', endure: slow },
  cutAt('promote-database'),
  cutAt('repoint'),
  silentUntilPaused('nats', 'promote-stream', /NATS in eu-central-1/),
  silentUntilPaused('clickhouse', 'promote-analytics', /analytics in eu-central-1/),
  silentUntilPaused('kubernetes', 'scale-up', /in the cluster of eu-central-1/),
];
