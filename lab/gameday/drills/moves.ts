import type { Lab } from '../../lab.ts';
import { failoverOf, play, playMove } from '../play.ts';
import type { Drill, Stage } from './drill.ts';

export const regionFailover: Drill = {
  name: 'region-failover',
  title: 'a region dies under load: the other one takes over',
  recovers: true,
  play: (stage) => play(stage.lab, stage),
};

export const switchover: Drill = {
  name: 'switchover',
  title: 'both regions are well: a planned move that loses nothing',
  recovers: true,
  play: (stage) => playMove(stage.lab, { ...stage, scenario: 'switchover', ...failoverOf(stage.lab), timeline: 2 }),
};

export const failback: Drill = {
  name: 'failback',
  title: 'a region dies, the other one takes over, the first comes back and serves again without losing anything more',
  recovers: true,
  async play(stage: Stage) {
    const { lab, signal } = stage;
    const { measured, checks } = await play(lab, { ...stage, keepWriting: true });
    const { from, to } = failoverOf(lab);
    await comesBack(lab, from, signal);
    const course = { from: to, to: from, timeline: 3 };
    const played = await playMove(stage.lab, { ...stage, scenario: 'failback', ...course, lostBefore: measured.lost });
    return { ...played, checks: [...checks, ...played.checks] };
  },
};

/** Power is back: everything in the region starts again on the data that it had. Its database's guard runs already. */
async function comesBack(lab: Lab, region: string, signal: AbortSignal): Promise<void> {
  const running = `${region}/postgres`;
  const last = `${region}/application`;
  const others = lab.services.filter((name) => name.startsWith(`${region}/`) && name !== running && name !== last);
  for (const name of [...others, last]) await lab.startService(name, signal);
}
