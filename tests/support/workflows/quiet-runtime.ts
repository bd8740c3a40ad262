import { DefaultLogger, Runtime } from '@temporalio/worker';

/** One runtime per process, which logs only errors. Signals are left alone: tests end their workers themselves. */
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: 'ERROR' } },
});
