import type { Action } from './action.ts';
import { approve } from './approve.ts';
import { assess } from './assess.ts';
import { cutOverDns } from './cut-over-dns.ts';
import { handOverDatabase } from './hand-over-database.ts';
import { invalidateCdn } from './invalidate-cdn.ts';
import { mirrorStream } from './mirror-stream.ts';
import { mirrorStreamBack } from './mirror-stream-back.ts';
import { promoteAnalytics } from './promote-analytics.ts';
import { promoteDatabase } from './promote-database.ts';
import { promoteStream } from './promote-stream.ts';
import { rebuildCache } from './rebuild-cache.ts';
import { rebuildOldPrimary } from './rebuild-old-primary.ts';
import { rebuildStandby } from './rebuild-standby.ts';
import { registerTargets } from './register-targets.ts';
import { rejoinAnalytics } from './rejoin-analytics.ts';
import { repointWorkloads } from './repoint-workloads.ts';
import { scaleWorkloads } from './scale-workloads.ts';
import { standDownWorkloads } from './stand-down-workloads.ts';
import { verify } from './verify.ts';

/** Every action that a phase can name. */
export const ACTIONS: Readonly<Record<string, Action | undefined>> = {
  assess,
  approve,
  'promote-database': promoteDatabase,
  'promote-analytics': promoteAnalytics,
  'promote-stream': promoteStream,
  'scale-workloads': scaleWorkloads,
  'repoint-workloads': repointWorkloads,
  'register-targets': registerTargets,
  'cut-over-dns': cutOverDns,
  'rebuild-cache': rebuildCache,
  'invalidate-cdn': invalidateCdn,
  'rebuild-standby': rebuildStandby,
  'hand-over-database': handOverDatabase,
  'rebuild-old-primary': rebuildOldPrimary,
  'rejoin-analytics': rejoinAnalytics,
  'mirror-stream': mirrorStream,
  'mirror-stream-back': mirrorStreamBack,
  'stand-down-workloads': standDownWorkloads,
  verify,
};

/** @throws for a name that `plan validate` refuses */
export function actionOf(name: string): Action {
  const action = ACTIONS[name];
  if (action === undefined) throw new Error(`there is no action "${name}"`);
  return action;
}
