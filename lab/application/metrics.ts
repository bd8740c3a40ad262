import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseLocation } from './workloads.ts';

export type OrderOutcome = 'created' | 'repeated' | 'conflict' | 'invalid' | 'not-serving' | 'failed';
export type Destination = 'cache' | 'events' | 'analytics';

interface Observed {
  region: string;
  /** Name of the database. */
  database: string;
  readyPods: () => number;
  wantedPods: () => number;
  target: () => DatabaseLocation | null;
  checksumFailures: () => number | null;
}

/** The application's metrics, read at each scrape. */
export function metrics({ region, database, readyPods, wantedPods, target, checksumFailures }: Observed) {
  const registry = new Registry();
  registry.setDefaultLabels({ region });
  const registers = [registry];
  const orders = new Counter({
    name: 'orders_total',
    help: 'Orders asked for, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'order_seconds',
    help: 'Time to answer an order, commit included.',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  });
  const deliveries = new Counter({
    name: 'deliveries_total',
    help: 'Copies of orders sent on in the background, by destination and outcome.',
    labelNames: ['to', 'outcome'],
    registers,
  });
  new Gauge({
    name: 'ready_pods',
    help: 'Ready pods of the Deployment "api".',
    registers,
    collect() {
      this.set(readyPods());
    },
  });
  new Gauge({
    name: 'wanted_pods',
    help: 'Pods that the Deployment "api" asks for.',
    registers,
    collect() {
      this.set(wantedPods());
    },
  });
  new Gauge({
    name: 'database_target',
    help: 'Always 1; the labels say where the pods were told that the database is.',
    labelNames: ['host', 'port'],
    registers,
    collect() {
      this.reset();
      const location = target();
      if (location !== null) this.set({ host: location.host, port: String(location.port) }, 1);
    },
  });
  new Gauge({
    name: 'database_checksum_failures',
    help: 'Pages of the database whose checksum did not fit; absent while the database does not answer.',
    labelNames: ['database'],
    registers,
    collect() {
      this.reset();
      const failures = checksumFailures();
      if (failures !== null) this.set({ database }, failures);
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    order: (outcome: OrderOutcome) => orders.inc({ outcome }),
    timeOrder: () => seconds.startTimer(),
    delivery: (to: Destination, outcome: 'delivered' | 'failed', count = 1) => deliveries.inc({ to, outcome }, count),
  };
}

export type Metrics = ReturnType<typeof metrics>;
