import type { Lab } from '../../lab.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { failoverOf, play, playMove } from '../play.ts';
import { row } from '../row.ts';

export const failback = row({
  name: 'failback',
  title: 'a region dies, the other one takes over, the first comes back and serves again without losing anything more',
  plan: twoSites.system,
  shape: twoSites.name,
  recovers: true,
  disaster: (stage) => play(stage.lab, { ...stage, keepWriting: true }),
  async mustHold(stage, { measured, checks }) {
    const { lab, signal } = stage;
    const { from, to } = failoverOf(lab);
    await comesBack(lab, from, signal);
    const course = { from: to, to: from, timeline: 3 };
    const moved = await playMove(lab, { ...stage, scenario: 'failback', ...course, lostBefore: measured.lost });
    return { ...moved, checks: [...checks, ...moved.checks] };
  },
});

/** Power is back: everything in the region starts again on the data that it had. Its database's guard runs already. */
async function comesBack(lab: Lab, region: string, signal: AbortSignal): Promise<void> {
  const running = `${region}/postgres`;
  const last = `${region}/application`;
  const others = lab.services.filter((name) => name.startsWith(`${region}/`) && name !== running && name !== last);
  for (const name of [...others, last]) await lab.startService(name, signal);
}
