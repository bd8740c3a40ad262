import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { type Channel, channelsFor } from '../../plan/channels.ts';
import { audiences } from '../../plan/communication.ts';
import { type Audience, compose } from '../../plan/message.ts';
import type { Delivery, Notice } from '../../plan/report.ts';
import { newsOf } from './news.ts';
import { tell } from './proxies.ts';
import { readable } from './readable.ts';
import { iso, type Recovery } from './recovery.ts';

/** What somebody wants people to hear. */
export type Message = Pick<Notice, 'kind' | 'roles' | 'subject' | 'text'>;

/** How long a delivery is tried beyond the time by which it had to be: late is better than never. */
const PATIENCE_MS = 15 * 60_000;

/** How long the report waits for deliveries under way, once everything else has been done. */
const LAST_WORDS_MS = 2 * 60_000;

/** What people outside of the company are told of. */
const FOR_OUTSIDERS: readonly Notice['kind'][] = ['started', 'update', 'finished'];

/** Temporal shows no more of a summary. */
const SUMMARY_LENGTH = 200;

/**
 * Tells people, in the background: a recovery never waits for a message to be delivered. Each channel is told on its
 * own, tried again while it fails, and what became of it is recorded.
 *
 * @param withinMs by when it has to be delivered, counted from now
 */
export function notice(recovery: Recovery, message: Message, withinMs: number | null = null): void {
  const { inside, outside } = audiences(recovery.input.plan.communication, message.roles);
  if (inside.length > 0) tellAudience(recovery, 'inside', { ...message, roles: inside }, withinMs);
  if (outside.length === 0 || !FOR_OUTSIDERS.includes(message.kind)) return;
  tellAudience(recovery, 'outside', { ...message, roles: outside }, withinMs);
}

/** Waits for what is still under way, but not for long; what has not been delivered then is recorded so. */
export async function finishTelling(recovery: Recovery): Promise<void> {
  if (await condition(() => recovery.telling.size === 0, LAST_WORDS_MS)) return;
  for (const giveUp of recovery.telling) giveUp();
  await condition(() => recovery.telling.size === 0);
}

function tellAudience(recovery: Recovery, audience: Audience, message: Message, withinMs: number | null): void {
  const { plan } = recovery.input;
  const news = newsOf(recovery, message.roles, { headline: message.subject, message: message.text });
  const composed = compose(plan.communication.templates[audience], audience, news);
  const { severity, stage } = news;
  const told: Notice = { ...message, ...composed, severity, stage, workflowId: recovery.ref.workflowId };
  // What was to be told is told, also when the recovery turns round or is cancelled meanwhile.
  void CancellationScope.nonCancellable(() => underWay(recovery, () => deliver(recovery, told, withinMs)));
}

/** Keeps account of a delivery while it runs, and of how to give it up. */
async function underWay(recovery: Recovery, work: () => Promise<void>): Promise<void> {
  const scope = new CancellationScope();
  const giveUp = () => scope.cancel();
  recovery.telling.add(giveUp);
  await scope.run(work).finally(() => recovery.telling.delete(giveUp));
}

async function deliver(recovery: Recovery, message: Notice, withinMs: number | null): Promise<void> {
  const dueMs = withinMs === null ? null : Date.now() + withinMs;
  const channels = channelsFor(recovery.input.plan.notifications, message);
  const clock = startClock(recovery, message, withinMs);
  const deliveries = await Promise.all(channels.map((channel) => deliverBy(channel, message, dueMs, withinMs ?? 0)));
  clock.cancel();
  recovery.notifications.push({
    at: iso(Date.now()),
    kind: message.kind,
    roles: message.roles,
    subject: message.subject,
    delivered: deliveries.filter(({ deliveredAt }) => deliveredAt !== null).map(({ channel }) => channel),
    failed: deliveries.filter(({ deliveredAt }) => deliveredAt === null).map(({ channel }) => channel),
    deliveries,
    dueAt: dueMs === null ? null : iso(dueMs),
    onTime: dueMs === null ? null : everyRoleInTime(message.roles, channels, deliveries),
  });
}

/** The time by which people must have been told, visible in the Temporal UI; when it passes, the timeline says so. */
function startClock(recovery: Recovery, { roles, subject }: Notice, withinMs: number | null): CancellationScope {
  const scope = new CancellationScope();
  if (withinMs === null) return scope;
  const run = async () => {
    await sleep(withinMs, { summary: shortened(`${roles.join(', ')} must have been told: ${subject}`) });
    recovery.note(`late: ${roles.join(', ')} should have been told by now: ${subject}`);
  };
  scope.run(run).catch(() => {
    // It was delivered in time, or is given up and recorded so.
  });
  return scope;
}

async function deliverBy(channel: Channel, message: Notice, dueMs: number | null, withinMs: number): Promise<Delivery> {
  const options = {
    summary: shortened(`${channel.name}: ${message.subject}`),
    scheduleToCloseTimeout: withinMs + PATIENCE_MS,
  };
  try {
    const { detail } = await tell.notify.executeWithOptions(options, [{ channel, notice: message }]);
    const onTime = dueMs === null ? null : Date.now() <= dueMs;
    return { channel: channel.name, deliveredAt: iso(Date.now()), onTime, detail };
  } catch (error) {
    return {
      channel: channel.name,
      deliveredAt: null,
      onTime: dueMs === null ? null : false,
      detail: isCancellation(error) ? 'given up, since the recovery has ended' : readable(error),
    };
  }
}

/** Each role has been reached in time by at least one of its channels. */
function everyRoleInTime(roles: readonly string[], channels: readonly Channel[], deliveries: readonly Delivery[]) {
  const inTime = new Set(deliveries.filter(({ onTime }) => onTime).map(({ channel }) => channel));
  const reached = channels.filter(({ name }) => inTime.has(name)).flatMap((channel) => channel.roles);
  return roles.every((role) => reached.includes(role));
}

const shortened = (text: string) => text.slice(0, SUMMARY_LENGTH);
