import { DefaultLogger, Runtime } from '@temporalio/worker';

/** One runtime per process, which says only what went wrong. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: 'ERROR' } },
});
