import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { temporalLogger } from './log.ts';

/** Steps and phases take from milliseconds to minutes. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800];

const BUCKETS = {
  lifeboat_phase_duration_seconds: SECONDS,
  lifeboat_gate_wait_seconds: [5, 15, 30, 60, 120, 300, 600, 1_800, 3_600],
  lifeboat_phase_budget_used_ratio: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5],
  temporal_activity_execution_latency: SECONDS,
};

/**
 * Installs the SDK's runtime: our log, signals that end the worker in order, and, when there is an address such as
 * `127.0.0.1:9464`, metrics for Prometheus, the SDK's own and the recoveries'. Call it once, before anything connects.
 */
export function installRuntime(log: Logger, metricsAddress?: string): Runtime {
  const prometheus = metricsAddress && {
    bindAddress: metricsAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: BUCKETS,
  };
  return Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals: ['SIGTERM', 'SIGINT'],
    telemetryOptions: {
      // What the SDK's core has to say would otherwise be written past our log, as text.
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(prometheus && { metrics: { prometheus } }),
    },
  });
}
