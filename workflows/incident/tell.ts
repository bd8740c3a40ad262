import { CancellationScope, sleep } from '@temporalio/workflow';
import { askedFirst, authorityAt } from '../../plan/authority.ts';
import { type Level, levelOfRule, nextUpdateMs, restOf } from '../../plan/communication.ts';
import type { Verdict } from '../../plan/decide/verdict.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Asked } from '../incident-messages.ts';
import { type Teller, tellPeople } from '../telling.ts';
import { newsOf } from './news.ts';
import type { Incident } from './state.ts';

/**
 * Puts a verdict to people, once for each thing and never in the way of the next look: those who are to decide are
 * asked, and where a level names the rule, whom the level names are told too.
 */
export function putToPeople(incident: Incident, verdict: Verdict): void {
  const { plan, memory } = incident;
  const { communication } = plan;
  const level = levelOfRule(communication, verdict.rule);
  const asked = verdict.action === 'ask-human' ? askedFirst(plan, verdict.byHand, new Date()) : [];
  const key = [verdict.rule, verdict.action, verdict.component, verdict.byHand].join(' ').trimEnd();
  keepAsking(incident, asked.length > 0 ? { key, reason: verdict.reason, roles: asked } : null);
  if (memory.matter?.key === key || (asked.length === 0 && level === null)) return;
  const { since = now(), roles = [], level: before = null } = memory.matter ?? {};
  const told = level?.start.flatMap((each) => each.roles) ?? [];
  const name = level?.name ?? null;
  memory.matter = { key, rule: verdict.rule, level: name, since, roles: [...new Set([...roles, ...asked, ...told])] };
  if (asked.length > 0) ask(incident, verdict, asked, level ?? restOf(communication));
  if (verdict.byHand !== undefined) tellByAuthority(incident, verdict, verdict.byHand, asked);
  // Who has heard of the beginning by this level hears of a turn in the news.
  if (level !== null && name !== before) tellOthers(incident, verdict, asked, level);
  giveNews(incident);
}

/** From when on a question is unanswered: another one, or the same after a while in which it was none, counts anew. */
function keepAsking({ memory }: Incident, question: Pick<Asked, 'key' | 'reason' | 'roles'> | null): void {
  if (question === null) memory.asked = null;
  else if (memory.asked?.key !== question.key) memory.asked = { ...question, since: now(), broughtIn: 0 };
}

/** Who has been told of the matter hears of its end. */
export function involve({ memory }: Incident, roles: readonly string[]): void {
  const matter = memory.matter ?? { key: '', rule: '', level: null, since: now(), roles: [] };
  memory.matter = { ...matter, roles: [...new Set([...matter.roles, ...roles])] };
}

const now = () => new Date(Date.now()).toISOString();

function ask(incident: Incident, { rule, reason }: Verdict, roles: string[], level: Level): void {
  const subject = `${incident.plan.system}: decision wanted (${rule})`;
  const within = level.start.filter((each) => each.roles.some((role) => roles.includes(role)));
  const soonestMs = within.map((each) => milliseconds(each.within)).sort((a, b) => a - b)[0] ?? null;
  tellPeople(tellerOf(incident), { kind: 'gate', roles, subject, text: reason }, soonestMs);
}

/** Those whom the plan's authority wants told at this hour when few people decide alone. */
function tellByAuthority(incident: Incident, { reason }: Verdict, byHand: string, asked: string[]): void {
  const { plan } = incident;
  const { notify } = authorityAt(plan, byHand, new Date());
  if (notify === null) return;
  const subject = `${plan.system}: ${byHand} is left to ${asked.join(' and ')}`;
  involve(incident, notify.roles);
  tellPeople(
    tellerOf(incident),
    { kind: 'authority', roles: notify.roles, subject, text: reason },
    milliseconds(notify.within),
  );
}

function tellOthers(incident: Incident, { reason }: Verdict, asked: string[], level: Level): void {
  const subject = `${incident.plan.system}: ${level.title}`;
  for (const { roles, within } of level.start) {
    const others = roles.filter((role) => !asked.includes(role));
    const message = { kind: 'started' as const, roles: others, subject, text: reason };
    tellPeople(tellerOf(incident), message, milliseconds(within));
  }
}

/** News as often as the level of the matter says, while nothing recovers: a recovery gives its own. */
export function giveNews(incident: Incident): void {
  const { plan, memory } = incident;
  incident.stopNews();
  const { matter } = memory;
  const level = matter === null ? null : levelOfRule(plan.communication, matter.rule);
  if (matter === null || level === null) return;
  const clocks = new CancellationScope();
  for (const { roles, every } of level.updates) {
    const run = () => keepTelling(incident, roles, Date.parse(matter.since), milliseconds(every));
    clocks.run(run).catch(() => {
      // The matter is over, or another has taken its place.
    });
  }
  incident.stopNews = () => clocks.cancel();
}

async function keepTelling(incident: Incident, roles: string[], sinceMs: number, everyMs: number): Promise<never> {
  const { plan, memory } = incident;
  for (;;) {
    const dueMs = nextUpdateMs(sinceMs, everyMs, Date.now());
    await sleep(dueMs - Date.now(), { summary: `next update for ${roles.join(', ')}` });
    if (memory.current !== null || incident.over()) continue;
    const message = { kind: 'update' as const, roles, subject: `${plan.system}: update`, text: memory.summary };
    tellPeople(tellerOf(incident), message);
  }
}

/** Tells everybody who was told of the matter that it is over; those whom its level names, by their time. */
export function tellItIsOver(incident: Incident): void {
  const { plan, memory } = incident;
  const { matter } = memory;
  if (matter === null) return;
  incident.stopNews();
  const timed = levelOfRule(plan.communication, matter.rule)?.end ?? [];
  const text = 'No alert fires any more, and the facts call for nothing.';
  const message = { kind: 'finished' as const, subject: `${plan.system}: it is over`, text };
  for (const { roles, within } of timed) tellPeople(tellerOf(incident), { ...message, roles }, milliseconds(within));
  const roles = matter.roles.filter((role) => !timed.some((each) => each.roles.includes(role)));
  tellPeople(tellerOf(incident), { ...message, roles });
  memory.matter = null;
}

export function tellerOf(incident: Incident): Teller {
  const { plan, ref, memory, telling } = incident;
  return {
    ...{ plan, workflowId: ref.workflowId, notifications: memory.notifications, telling },
    note: (text) => incident.note(text),
    newsOf: (roles, about) => newsOf(incident, roles, about),
  };
}
