import { twoSites } from '../../shapes/two-sites.ts';
import { stopClient } from '../measure.ts';
import { lookAfter, playDisaster } from '../play.ts';
import { row } from '../row.ts';

export const teei1 = row({
  name: 'teei-1',
  title: 'a region dies under load: the other one takes over',
  plan: twoSites.system,
  shape: twoSites.name,
  recovers: true,
  disaster: (stage) => playDisaster(stage.lab, stage),
  async mustHold({ lab, signal }, ending) {
    const played = await lookAfter(lab, ending, signal);
    await stopClient(lab);
    return played;
  },
});
