import type { Lab } from '../../lab.ts';
import { onStage } from '../play.ts';
import { abort } from './abort.ts';
import { catchUp } from './catch-up.ts';
import type { Drill, Drilled, Stage } from './drill.ts';
import { failback, regionFailover, switchover } from './moves.ts';
import { namesLost } from './names-lost.ts';
import { rollbacks } from './rollback.ts';
import { selfHeal } from './self-heal.ts';

/** Every drill of `npm run gameday`, the usual one first. */
export const DRILLS: readonly Drill[] = [
  ...[regionFailover, switchover, failback],
  ...[selfHeal, namesLost, catchUp, abort, ...rollbacks],
];

export function drillNamed(name: string): Drill {
  const found = DRILLS.find((drill) => drill.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no drill "${name}"; there are: ${DRILLS.map((drill) => drill.name).join(', ')}`);
}

/** Plays a drill on a lab that is up, under load. */
export function playDrill(lab: Lab, drill: Drill, acting: Pick<Stage, 'screen' | 'signal' | 'yes'>): Promise<Drilled> {
  return onStage(lab, acting.signal, (client, plan) => drill.play({ lab, client, plan, ...acting }));
}
