import { allHandlersFinished, CancellationScope, condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { startOf } from '../plan/decide/start.ts';
import { milliseconds } from '../plan/duration.ts';
import type { VantageFacts } from '../plan/facts.ts';
import { admitIncident } from './incident/admit.ts';
import { UNDELIVERED_BYTES } from './incident/carry-over.ts';
import { confirmClaims, confirmRecovery } from './incident/confirm.ts';
import { runClocks, stopClocks } from './incident/escalate.ts';
import { lookBack } from './incident/look-back.ts';
import { pause } from './incident/pause.ts';
import { keepRecord } from './incident/record.ts';
import { startRecovery } from './incident/recover.ts';
import { Incident } from './incident/state.ts';
import { listen } from './incident/steer.ts';
import { giveNews, putToPeople, tellerOf, tellItIsOver } from './incident/tell.ts';
import {
  alertsSignal,
  type IncidentInput,
  type IncidentStart,
  type IncidentStatus,
  incidentStatusQuery,
  recoveryEndedSignal,
  recoveryStartedSignal,
} from './incident-messages.ts';
import { viewsOf } from './look-around.ts';
import { approversQuery } from './recovery/messages.ts';
import { boundTelling, finishTelling, goOnTelling } from './telling.ts';

/** How often to look while nothing is to be done but to ask people, or to let be. */
const CALM_MS = 60_000;

/** Messages that take longer go on in the next run: a channel that is out must not keep the incident from looking. */
const LAST_WORDS_MS = 5_000;

/**
 * Everything from the first alert of a system to the closing of the matter. Alerts only make it look; what it sees is
 * put to the plan's decision matrix, and one recovery at a time follows. It ends when no alert fires any more and the
 * last recovery is acknowledged or long enough ago, and its own facts call for nothing: a region can die together with
 * what watches it.
 */
export async function incident(start: IncidentStart): Promise<IncidentStatus> {
  const input = await admitIncident(start);
  const state = new Incident(input);
  // A request to cancel would leave a recovery without its incident, and the region without anybody who observes it.
  CancellationScope.current().cancelRequested.catch(() => {
    state.note('cancellation was requested in Temporal and is ignored: terminate the workflow to end the incident');
  });
  return await CancellationScope.nonCancellable(() => untilClosed(state, input));
}

async function untilClosed(state: Incident, input: IncidentInput): Promise<IncidentStatus> {
  setHandler(incidentStatusQuery, () => state.status(), { description: 'Everything there is to know.' });
  setHandler(approversQuery, () => input.plan.approvers, { description: 'The approvers of its plan.' });
  setHandler(alertsSignal, (alerts) => state.join(alerts), { description: 'Alerts, firing or resolved.' });
  setHandler(recoveryEndedSignal, () => state.hearsOfRecovery(), { description: 'A recovery ends: it is looked up.' });
  setHandler(recoveryStartedSignal, () => state.hearsOfRecovery(), {
    description: 'A recovery starts: it is looked up.',
  });
  listen(state);
  for (const undelivered of input.memory?.undelivered ?? []) goOnTelling(tellerOf(state), undelivered);
  giveNews(state);
  runClocks(state);
  await condition(() => state.book.size > 0);
  if (input.memory === undefined) await lookBack(state);
  // A signal may have come at the very end of the run before.
  else state.hearsOfRecovery();
  void confirmClaims(state);
  while (!(await closed(state))) {
    await turn(state);
    if (state.isLong()) await goOn(state);
  }
  state.say('closed: no alert fires any more, and the facts call for nothing');
  return state.status();
}

/** Is the matter over? People hear of it first, and whoever says something meanwhile is heard. */
async function closed(state: Incident): Promise<boolean> {
  if (!state.over()) return false;
  stopClocks(state);
  tellItIsOver(state);
  await finishTelling(state);
  await keepRecord(state);
  await condition(allHandlersFinished);
  return state.over();
}

/** In a new run, with all that is known; a recovery under way goes on by itself. */
async function goOn(state: Incident): Promise<void> {
  await condition(() => state.telling.size === 0, LAST_WORDS_MS);
  await boundTelling(state, UNDELIVERED_BYTES);
  await keepRecord(state);
  await condition(allHandlersFinished);
  if (!state.over()) await continueAsNew<typeof incident>(state.carriedOver());
}

/** Does the one thing that is to be done now, then waits until there may be another. */
async function turn(state: Incident): Promise<void> {
  const { current, ordered } = state.memory;
  runClocks(state);
  if (current !== null) return await accompany(state);
  if (ordered !== null) {
    const { scenario, direction, by } = ordered;
    return await startRecovery(state, { scenario, direction, trigger: by, ordered: by, unattendedBy: null });
  }
  if (!state.calm) return await lookAndDecide(state);
  const untilMs = state.openUntilMs() ?? Date.now();
  const { memory } = state;
  memory.asked = null;
  const busy = () => memory.ordered !== null || memory.current !== null;
  const stirs = () => state.book.firing > 0 || busy() || state.over() || state.isLong();
  await pause(untilMs - Date.now(), 'nothing fires; open until the last recovery is acknowledged', stirs);
}

/** While a recovery runs, the incident gathers alerts and goes on observing; the run that started it awaits its report. */
async function accompany(state: Incident): Promise<void> {
  const { current } = state.memory;
  const ended = () => state.memory.current === null || state.isLong();
  const inTime = await pause(CALM_MS, 'a recovery is under way', ended);
  if (inTime || current === null || state.memory.current === null) return;
  await confirmRecovery(state);
  if (state.memory.current === null) return;
  const views = await viewsOf(lookingFrom(state));
  // It may have ended meanwhile, and moved what was looked at.
  if (state.memory.current !== null) state.observes(views);
}

const lookingFrom = (state: Incident) => {
  const { plan, ref, memory } = state;
  return { ref, plan, ...memory.direction, note: (text: string) => state.noteOnce(text) };
};

/** Looks from outside of the region that serves; where that shows that the other one does, once more from there. */
async function look(state: Incident): Promise<VantageFacts[]> {
  const seen = await viewsOf(lookingFrom(state));
  return state.turns(seen) ? await viewsOf(lookingFrom(state)) : seen;
}

async function lookAndDecide(state: Incident): Promise<void> {
  const { plan, memory } = state;
  const verdict = state.sees(await look(state));
  // What was said meanwhile counts. An alert that is resolved does not: what is seen decides.
  if (memory.ordered !== null || memory.current !== null || state.calm) return;
  const start = startOf(verdict, plan.scenarios);
  if ('scenario' in start) {
    const trigger = `rule ${verdict.rule}: ${verdict.reason}`;
    const unattendedBy = verdict.withoutApproval ? verdict.rule : null;
    return await startRecovery(state, { ...start, trigger, unattendedBy });
  }
  memory.verdict = start;
  state.say(`${start.action === 'ask-human' ? 'people are asked' : start.action}: ${start.reason}`);
  putToPeople(state, start);
  runClocks(state);
  await untilNextLook(state, start.action === 'wait' || start.action === 'self-heal', start.until);
}

/** Soon while something may come of it, and seldom otherwise; a new alert is looked into either way. */
async function untilNextLook(state: Incident, watchful: boolean, until: string | null): Promise<void> {
  const { plan, memory } = state;
  const everyMs = milliseconds(plan.decisions.lookEvery);
  const dueMs = until === null ? Number.POSITIVE_INFINITY : Date.parse(until) - Date.now();
  const acknowledged = memory.history.lastRecovery?.acknowledged;
  const fires = state.book.firing > 0;
  const stirs = () =>
    state.book.firing > 0 !== fires ||
    memory.ordered !== null ||
    memory.current !== null ||
    memory.history.lastRecovery?.acknowledged !== acknowledged ||
    state.isLong();
  const stirred = await pause(
    Math.max(0, Math.min(everyMs, dueMs)),
    until ? `wait until ${until}` : 'next look',
    stirs,
  );
  if (stirred || watchful) return;
  await pause(CALM_MS - everyMs, 'people are asked, or nothing is to be done', () => stirs() || state.news);
}
