import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { hasEnded } from './ended.ts';

/** The exact commands that make sense now, the most likely first. */
export function nextCommands(status: RecoveryStatus): string[] {
  const { system } = status;
  const gates = status.gates.flatMap(({ name, answers }) => [
    `npx lifeboat approve ${system} --gate ${name}`,
    `npx lifeboat reject ${system} --gate ${name} --reason "…"`,
    ...(answers.retry === undefined ? [] : [`npx lifeboat retry ${system} --gate ${name}`]),
  ]);
  const paused = status.phases
    .filter(({ state }) => state === 'paused')
    .flatMap(({ name, notSkippable }) => [
      `npx lifeboat retry ${system} --phase ${name}`,
      ...(notSkippable ? [] : [`npx lifeboat skip ${system} --phase ${name} --reason "…"`]),
    ]);
  if (gates.length > 0 || paused.length > 0) {
    const mayTurn = paused.length > 0 && status.goingBack === null;
    const back = mayTurn ? [`npx lifeboat rollback ${system} --reason "…"`] : [];
    return [...gates, ...paused, ...back];
  }
  return [hasEnded(status) ? `npx lifeboat report ${system}` : `npx lifeboat status ${system} --watch`];
}
