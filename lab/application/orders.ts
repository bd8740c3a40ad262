import type { Logger } from 'pino';
import { z } from 'zod';
import type { Analytics } from './analytics.ts';
import type { Cache } from './cache.ts';
import type { Database, Order, StoredOrder } from './database.ts';
import type { Events } from './events.ts';
import type { Metrics } from './metrics.ts';

/** What `POST /orders` takes. */
export const OrderRequest = z.object({
  id: z.int().positive(),
  client: z.string().min(1).max(100),
  body: z.string().max(10_000),
});
export type OrderRequest = z.infer<typeof OrderRequest>;

export interface OrderParts {
  database: Database;
  cache: Cache;
  events: Events;
  analytics: Analytics;
  metrics: Metrics;
  log: Logger;
}

/**
 * Stores an order; null when its id belongs to another client. The answer waits for the database alone: cache, events
 * and analytics get their copies in the background, and their faults are counted and never the client's.
 */
export async function takeOrder(order: Order, parts: OrderParts): Promise<StoredOrder | null> {
  const stored = await parts.database.store(order);
  if (stored !== null) sendOn(order, stored, parts);
  return stored;
}

function sendOn(order: Order, stored: StoredOrder, { cache, events, analytics, metrics }: OrderParts): void {
  const count = (to: 'cache' | 'events', sent: Promise<void>) =>
    sent.then(
      () => metrics.delivery(to, 'delivered'),
      () => metrics.delivery(to, 'failed'),
    );
  void count('cache', cache.put(order.id, stored.entry));
  void count('events', events.publish(order.id, stored.entry));
  if (stored.created) analytics.add(order);
}

/** The order as JSON text: from the cache, or else from the database. */
export async function findOrder(id: number, { cache, database }: OrderParts): Promise<string | null> {
  const cached = await cache.get(id).catch(() => null);
  if (cached !== null) return cached;
  const entry = await database.find(id);
  if (entry !== null) await cache.put(id, entry).catch(() => undefined);
  return entry;
}
