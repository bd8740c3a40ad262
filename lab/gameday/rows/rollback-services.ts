import { breakLab } from '../../faults.ts';
import type { Lab } from '../../lab.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { failoverOf } from '../play.ts';
import { rollbackRow, watchLong } from '../rollback.ts';

const applicationOf = (lab: Lab) => `${failoverOf(lab).to}/application`;

export const rollbackServices = rollbackRow({
  name: 'rollback-services',
  title: 'more than three critical services fail after the failover: it goes back by itself',
  plan: twoSites.system,
  shape: twoSites.name,
  says: /5 critical services fail; more than 3 roll back/,
  change: watchLong,
  serving: ({ lab }) => breakLab(lab, ['kill', applicationOf(lab)]),
  mend: (lab) => breakLab(lab, ['restore', applicationOf(lab)]),
});
