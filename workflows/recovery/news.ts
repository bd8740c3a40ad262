import { actionOf } from '../../plan/actions/index.ts';
import { commanderOf, levelOf, nextUpdateFor } from '../../plan/communication.ts';
import type { News } from '../../plan/message.ts';
import type { Stage } from '../../plan/report.ts';
import { iso, type Recovery } from './recovery.ts';

/** What can be said of a recovery just now to people of these roles. */
export function newsOf(
  recovery: Recovery,
  roles: readonly string[],
  { headline, message }: Pick<News, 'headline' | 'message'>,
): News {
  const { plan, scenario } = recovery.input;
  const level = levelOf(plan.communication, scenario);
  return {
    system: plan.system,
    title: plan.title,
    environment: plan.environment,
    mode: plan.mode,
    level: level.name,
    severity: level.severity,
    stage: stageOf(recovery),
    headline,
    message,
    known: known(recovery),
    doing: doing(recovery),
    nextUpdate: nextUpdate(recovery, roles),
    commander: commanderOf(plan),
    startedAt: recovery.input.detectedAt,
  };
}

/** A recovery that ends otherwise than recovered leaves the trouble where it is. */
function stageOf({ state, recoveredAt, scenario, phases }: Recovery): Stage {
  if (state === 'recovered') return 'resolved';
  if (recoveredAt !== null) return 'monitoring';
  const approval = scenario.phases.find(({ action }) => actionOf(action).does === 'decide');
  const approved = phases.some(({ name, state: of }) => name === approval?.name && of === 'done');
  return approved ? 'identified' : 'investigating';
}

function known({ input, finding, dataLoss }: Recovery): string {
  const lost =
    dataLoss === null ? '' : `; data loss ${dataLoss.seconds === null ? 'unknown' : `${dataLoss.seconds} s`}`;
  return `${input.scenario} ${input.from} -> ${input.to}; ${finding}${lost}`;
}

function doing({ gates, phases, state, summary }: Recovery): string {
  const [gate] = gates;
  if (gate !== undefined) {
    return `waiting for ${gate.requiredRoles.join(' and ')} at "${gate.name}" since ${iso(gate.openedAtMs)}`;
  }
  const paused = phases.find((phase) => phase.state === 'paused');
  if (paused !== undefined) return `${paused.name} is paused: ${paused.detail}`;
  const running = phases.filter((phase) => phase.state === 'running').map(({ name }) => name);
  return running.length === 0 ? `${state}: ${summary}` : running.join(', ');
}

/** When these roles hear of it again; null when the recovery has ended or no update is planned for them. */
function nextUpdate({ input, state, startedAtMs }: Recovery, roles: readonly string[]): string | null {
  const ongoing = ['running', 'waiting', 'paused', 'rolling-back'].includes(state);
  if (!ongoing) return null;
  const level = levelOf(input.plan.communication, input.scenario);
  const nextMs = nextUpdateFor(level, roles, startedAtMs, Date.now());
  return nextMs === null ? null : iso(nextMs);
}
