import { twoSites } from '../../shapes/two-sites.ts';
import { failoverOf, playMove } from '../play.ts';
import { row } from '../row.ts';

export const switchover = row({
  name: 'switchover',
  title: 'both regions are well: a planned move that loses nothing',
  plan: twoSites.system,
  shape: twoSites.name,
  recovers: true,
  disaster: (stage) => playMove(stage.lab, { ...stage, scenario: 'switchover', ...failoverOf(stage.lab), timeline: 2 }),
  mustHold: async (_, moved) => moved,
});
