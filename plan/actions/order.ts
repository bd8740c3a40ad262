import type { Phase } from '../schema.ts';
import { ACTIONS } from './index.ts';

type Acts = Pick<Phase, 'action'>;

/** The phases whose work a phase relies on: they come before it, and while one is not done it is not done either. */
export function relyingOn<P extends Acts>({ action }: Acts, phases: readonly P[]): P[] {
  const wanted = ACTIONS[action]?.after?.capabilities ?? [];
  return phases.filter((other) => ACTIONS[other.action]?.provides?.some((capability) => wanted.includes(capability)));
}

/** May people leave a phase out when it keeps failing? Not what proves or protects, nor what another phase relies on. */
export function isSkippable<P extends Acts>(phase: P, phases: readonly P[]): boolean {
  if (ACTIONS[phase.action]?.skippable === false) return false;
  return !phases.some((other) => relyingOn(other, [phase]).length > 0);
}
