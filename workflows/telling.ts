import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { boundText, lastThatFit } from '../plan/bounded.ts';
import { type Channel, channelsFor } from '../plan/channels.ts';
import { audiences } from '../plan/communication.ts';
import { type Audience, compose, type News } from '../plan/message.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import type { Delivery, Notice, NotificationRecord } from '../plan/report.ts';
import { tell } from './recovery/proxies.ts';
import { readable } from './recovery/readable.ts';

/** What somebody wants people to hear. */
export type Message = Pick<Notice, 'kind' | 'roles' | 'subject' | 'text'>;

/** A message on its way, as plain data: it can go on in another run. */
export interface Undelivered {
  notice: Notice;
  /** ISO time by which it has to be delivered; null when there is none. */
  dueAt: string | null;
  /** ISO time from which on it is not tried any more. */
  giveUpAt: string;
  /** The channels that are done with. */
  deliveries: Delivery[];
}

interface UnderWay {
  undelivered: Undelivered;
  /** The workflow that goes on with it; null while this one does, or when it is given up. */
  goesOnIn: string | null;
  stop(): void;
}

/** A workflow that tells people, and keeps account of it. */
export interface Teller {
  plan: Pick<RecoveryPlan, 'communication' | 'notifications'>;
  workflowId: string;
  /** What became of each message. */
  notifications: NotificationRecord[];
  telling: Set<UnderWay>;
  note(text: string): void;
  /** What can be said just now to people of these roles. */
  newsOf(roles: readonly string[], about: Pick<News, 'headline' | 'message'>): News;
}

/** How long a delivery is tried beyond the time by which it had to be: late is better than never. */
const PATIENCE_MS = 15 * 60_000;

/** How long the end waits for deliveries under way, once everything else has been done. */
const LAST_WORDS_MS = 2 * 60_000;

/** The same where others wait for the end. */
const BRIEFLY_MS = 5_000;

/** What people outside of the company are told of. */
const FOR_OUTSIDERS: readonly Notice['kind'][] = ['started', 'update', 'finished'];

/** Temporal shows no more of a summary. */
const SUMMARY_LENGTH = 200;

/** Bytes of what a channel says of itself. */
const DETAIL_BYTES = 1_024;

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * Tells people, in the background: nothing ever waits for a message to be delivered. Each channel is told on its own,
 * tried again while it fails, and what became of it is recorded.
 *
 * @param withinMs by when it has to be delivered, counted from now
 */
export function tellPeople(teller: Teller, message: Message, withinMs: number | null = null): void {
  const { inside, outside } = audiences(teller.plan.communication, message.roles);
  if (inside.length > 0) tellAudience(teller, 'inside', { ...message, roles: inside }, withinMs);
  if (outside.length === 0 || !FOR_OUTSIDERS.includes(message.kind)) return;
  tellAudience(teller, 'outside', { ...message, roles: outside }, withinMs);
}

/** Waits for what is still under way, but not for long; what has not been delivered then is recorded so. */
export async function finishTelling({ telling }: Pick<Teller, 'telling'>): Promise<void> {
  if (await condition(() => telling.size === 0, LAST_WORDS_MS)) return;
  await stopTelling(telling);
}

/**
 * Waits a moment for what is still under way and hands the rest to another workflow, so that a channel that is out
 * keeps nobody waiting.
 *
 * @param handOver starts that workflow; answers its id, or null when it could not be started
 */
export async function leaveTelling(
  { telling }: Pick<Teller, 'telling'>,
  handOver: (undelivered: Undelivered[]) => Promise<string | null>,
): Promise<void> {
  if (await condition(() => telling.size === 0, BRIEFLY_MS)) return;
  const left = [...telling];
  const goesOnIn = await handOver(left.map(({ undelivered }) => undelivered));
  for (const each of left) each.goesOnIn = goesOnIn;
  await stopTelling(telling);
}

async function stopTelling(telling: Teller['telling']): Promise<void> {
  for (const { stop } of telling) stop();
  await condition(() => telling.size === 0);
}

/** Gives the oldest messages up where more are under way than can travel to another run; each is recorded so. */
export async function boundTelling({ telling }: Pick<Teller, 'telling'>, maxBytes: number): Promise<void> {
  const all = [...telling];
  const kept = lastThatFit(
    all.map(({ undelivered }) => undelivered),
    maxBytes,
  );
  const over = all.slice(0, all.length - kept.length);
  for (const { stop } of over) stop();
  await condition(() => over.every((each) => !telling.has(each)));
}

/** A teller of messages that are composed already. */
export type Courier = Omit<Teller, 'newsOf'>;

/** Goes on with a message, where it was left. What was to be told is told, whatever is cancelled meanwhile. */
export function goOnTelling(teller: Courier, undelivered: Undelivered): void {
  void CancellationScope.nonCancellable(() => underWay(teller, undelivered));
}

function tellAudience(teller: Teller, audience: Audience, message: Message, withinMs: number | null): void {
  const { plan, workflowId } = teller;
  const news = teller.newsOf(message.roles, { headline: message.subject, message: message.text });
  const composed = compose(plan.communication.templates[audience], audience, news);
  const { severity, stage } = news;
  const now = Date.now();
  goOnTelling(teller, {
    notice: { ...message, ...composed, severity, stage, workflowId },
    dueAt: withinMs === null ? null : iso(now + withinMs),
    giveUpAt: iso(now + (withinMs ?? 0) + PATIENCE_MS),
    deliveries: [],
  });
}

/** Keeps account of a delivery while it runs, and of how to give it up. */
async function underWay(teller: Courier, undelivered: Undelivered): Promise<void> {
  const scope = new CancellationScope();
  const entry: UnderWay = { undelivered, goesOnIn: null, stop: () => scope.cancel() };
  teller.telling.add(entry);
  await scope.run(() => deliver(teller, entry)).finally(() => teller.telling.delete(entry));
}

async function deliver(teller: Courier, entry: UnderWay): Promise<void> {
  const { undelivered } = entry;
  const { notice, dueAt, deliveries } = undelivered;
  const channels = channelsFor(teller.plan.notifications, notice);
  const left = channels.filter(({ name }) => !deliveries.some(({ channel }) => channel === name));
  const clock = startClock(teller, undelivered);
  await Promise.all(left.map((channel) => deliverBy(channel, entry)));
  clock.cancel();
  const inOrder = channels.flatMap(({ name }) => deliveries.filter(({ channel }) => channel === name));
  teller.notifications.push({
    at: iso(Date.now()),
    kind: notice.kind,
    roles: notice.roles,
    subject: notice.subject,
    delivered: inOrder.filter(({ deliveredAt }) => deliveredAt !== null).map(byName),
    failed: inOrder.filter(({ deliveredAt, goesOnIn }) => deliveredAt === null && !goesOnIn).map(byName),
    deliveries: inOrder,
    dueAt,
    onTime: inTime(undelivered, channels),
  });
}

const byName = ({ channel }: Delivery): string => channel;

/** Was every role reached in time? Null where there is no such time, and while it has not come. */
function inTime({ notice, dueAt, deliveries }: Undelivered, channels: readonly Channel[]): boolean | null {
  if (dueAt === null) return null;
  if (everyRoleInTime(notice.roles, channels, deliveries)) return true;
  const open = deliveries.some(({ goesOnIn }) => goesOnIn !== undefined) && Date.now() < Date.parse(dueAt);
  return open ? null : false;
}

/** The time by which people must have been told, visible in the Temporal UI; when it passes, the timeline says so. */
function startClock({ note }: Courier, { notice: { roles, subject }, dueAt }: Undelivered): CancellationScope {
  const scope = new CancellationScope();
  const leftMs = dueAt === null ? 0 : Date.parse(dueAt) - Date.now();
  if (leftMs <= 0) return scope;
  const run = async () => {
    await sleep(leftMs, { summary: shortened(`${roles.join(', ')} must have been told: ${subject}`) });
    note(`late: ${roles.join(', ')} should have been told by now: ${subject}`);
  };
  scope.run(run).catch(() => {
    // It was delivered in time, or is given up and recorded so.
  });
  return scope;
}

async function deliverBy(channel: Channel, entry: UnderWay): Promise<void> {
  const { notice, dueAt, giveUpAt, deliveries } = entry.undelivered;
  const options = {
    summary: shortened(`${channel.name}: ${notice.subject}`),
    scheduleToCloseTimeout: Math.max(1_000, Date.parse(giveUpAt) - Date.now()),
  };
  try {
    const { detail } = await tell.notify.executeWithOptions(options, [{ channel, notice }]);
    const onTime = dueAt === null ? null : Date.now() <= Date.parse(dueAt);
    deliveries.push({ channel: channel.name, deliveredAt: iso(Date.now()), onTime, detail });
  } catch (error) {
    deliveries.push({ channel: channel.name, deliveredAt: null, ...whyNot(entry, error) });
  }
}

function whyNot(
  { undelivered: { dueAt }, goesOnIn }: UnderWay,
  error: unknown,
): Omit<Delivery, 'channel' | 'deliveredAt'> {
  if (isCancellation(error) && goesOnIn !== null) {
    return { onTime: null, detail: `not delivered yet; tried on in ${goesOnIn}`, goesOnIn };
  }
  const detail = isCancellation(error) ? 'given up before it was delivered' : boundText(readable(error), DETAIL_BYTES);
  return { onTime: dueAt === null ? null : false, detail };
}

/** Each role has been reached in time by at least one of its channels. */
function everyRoleInTime(roles: readonly string[], channels: readonly Channel[], deliveries: readonly Delivery[]) {
  const inTime = new Set(deliveries.filter(({ onTime }) => onTime).map(({ channel }) => channel));
  const reached = channels.filter(({ name }) => inTime.has(name)).flatMap((channel) => channel.roles);
  return roles.every((role) => reached.includes(role));
}

const shortened = (text: string) => text.slice(0, SUMMARY_LENGTH);
