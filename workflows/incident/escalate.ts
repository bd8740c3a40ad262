import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { milliseconds } from '../../plan/duration.ts';
import { tellPeople } from '../telling.ts';
import { type Incident, notAskedAtFirst, STOPPED } from './state.ts';
import { involve, tellerOf } from './tell.ts';

/**
 * The clocks that bring in more people while an incident waits: the path of escalation while a question is unanswered,
 * and all of it when half of the objective has gone. They count from what the incident remembers, so that they go on in
 * its next run; a recovery has clocks of its own.
 */
export function runClocks(incident: Incident): void {
  const { asked, downSince, escalated, current, ordered } = incident.memory;
  if (current !== null || ordered !== null || incident.calm) {
    stopClocks(incident);
    return;
  }
  const key = [asked?.key, asked?.since, downSince, escalated].join(' ');
  if (key === incident.clocks.key) return;
  incident.clocks.stop();
  const scope = new CancellationScope();
  incident.clocks = { key, stop: () => scope.cancel() };
  scope
    .run(() => Promise.all([climb(incident), bringAllIn(incident)]))
    .catch((error) => {
      if (!isCancellation(error)) throw error;
    });
}

export function stopClocks(incident: Incident): void {
  incident.clocks.stop();
  incident.clocks = STOPPED;
}

/** Each of the plan's path has the plan's time before the next who has not been asked is told. */
async function climb(incident: Incident): Promise<void> {
  const { plan, memory } = incident;
  const { asked } = memory;
  if (asked === null) return;
  for (const role of notAskedAtFirst(plan.authority, asked).slice(asked.broughtIn)) {
    const dueMs = Date.parse(asked.since) + (asked.broughtIn + 1) * milliseconds(plan.authority.escalateEvery);
    await until(dueMs, `nobody decides: bring in ${role}`);
    asked.broughtIn += 1;
    const minutes = Math.round((Date.now() - Date.parse(asked.since)) / 60_000);
    incident.note(`nobody decides: ${role} is brought in`);
    tell(incident, [role], `Nobody has decided for ${minutes} min. ${asked.reason}`);
  }
}

/** The objective counts as clients do, from the first alert on, whether a recovery has started or not. */
async function bringAllIn(incident: Incident): Promise<void> {
  const { plan, memory } = incident;
  if (memory.downSince === null || memory.escalated) return;
  const halfMs = (plan.objectives.recoveryTimeSeconds * 1000) / 2;
  await until(Date.parse(memory.downSince) + halfMs, 'half of the recovery time objective');
  memory.escalated = true;
  const text = `Half of the recovery time objective has gone and no recovery has started. ${memory.summary}`;
  incident.note(text);
  tell(incident, plan.authority.escalate, text);
}

async function until(dueMs: number, summary: string): Promise<void> {
  if (dueMs > Date.now()) await sleep(dueMs - Date.now(), { summary });
}

function tell(incident: Incident, roles: string[], text: string): void {
  involve(incident, roles);
  tellPeople(tellerOf(incident), { kind: 'escalation', roles, subject: `${incident.plan.system}: escalation`, text });
}
