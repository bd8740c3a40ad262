import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { abortAs } from '../abort-as.ts';
import { servedBy } from '../measure.ts';
import { failoverOf } from '../play.ts';
import { rollbackRow, watchLong } from '../rollback.ts';
import type { Stage } from '../row.ts';

export const rollbackAbort = rollbackRow({
  name: 'rollback-abort',
  title: 'an executive aborts once the names lead to the other region: it goes back',
  plan: twoSites.system,
  shape: twoSites.name,
  outcome: 'aborted',
  says: /^abort ordered by \S+: the region is back$/,
  change: watchLong,
  serving: abortOnceServed,
});

/** Clients are really served by the other region when it is ordered. */
async function abortOnceServed(stage: Stage, status: RecoveryStatus): Promise<void> {
  const { to } = failoverOf(stage.lab);
  const served = await servedBy(stage.lab, to, Date.now(), stage.signal);
  stage.screen.note(`${served} writes acknowledged by ${to}`);
  await abortAs(stage, status, 'the region is back');
}
