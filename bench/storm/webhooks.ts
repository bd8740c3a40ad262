import { Dice } from '../../tests/support/approvals/mutations.ts';
import type { Sent } from '../../tests/support/starter/webhooks/senders.ts';
import type { State, States } from './alerts.ts';
import type { Place } from './place.ts';

export interface Storm {
  /** In the order in which they are sent. */
  sent: Sent[];
  /** The state that each alert ends in. */
  states: States;
}

/** Different alerts per format: a storm is few alerts that come and go, many times. */
const ALERTS = 40;
/** Percent of the webhooks that were sent before. */
const REPLAYS = 30;
/** A replay is of one of this many before it. */
const REACH = 500;
const SEED = 1;

/**
 * Webhooks of all formats, firing and resolved interleaved, every one signed and with 30 % replays among them. The
 * first alert of each format fires all the time, so that the incident stays open.
 */
export function makeStorm(count: number, senders: Place['senders']): Storm {
  const dice = new Dice(SEED);
  const sent: Sent[] = [];
  const changes = new Map<string, number>();
  const run = Date.now();
  for (let at = 0; at < count; at += 1) {
    const isReplay = at > 0 && dice.roll(100) < REPLAYS;
    const again = isReplay ? sent[at - 1 - dice.roll(Math.min(at, REACH))] : undefined;
    const sender = dice.one(senders);
    const id = `${sender.sender.source}-${dice.roll(ALERTS)}`;
    sent.push(again ?? fresh(sender, { id, run, delivery: `delivery-${run}-${at}` }, changes));
  }
  const states = new Map([...changes].map(([id, changed]) => [id, statusOf(id, changed - 1)]));
  return { sent, states };
}

interface Naming {
  id: string;
  run: number;
  delivery: string;
}

/** The next change of the alert. Changes of one are a second apart and in the past. */
function fresh(
  { sender, key }: Place['senders'][number],
  { id, run, delivery }: Naming,
  changes: Map<string, number>,
): Sent {
  const changed = changes.get(id) ?? 0;
  changes.set(id, changed + 1);
  const changedMs = run - 600_000 + changed * 1_000;
  return sender.send({ id, status: statusOf(id, changed), changedMs, sentMs: run, delivery, key });
}

const statusOf = (id: string, changed: number): State =>
  id.endsWith('-0') || changed % 2 === 0 ? 'firing' : 'resolved';
