import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { secretsFromFolder } from '../activities/secrets.ts';
import { dataConverter, isPlainUnsaid, NOT_ENCRYPTED } from '../codec/data-converter.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { TASK_QUEUE } from '../workflows/recovery/messages.ts';
import { createActivities } from './activities.ts';
import { connectWhenUp, whenAvailable } from './connect.ts';
import { deploymentOptions, warnOfLive } from './deployment.ts';
import { serveHealth, type Vitals } from './health.ts';
import { heldPlans } from './held-plans.ts';
import { createLog } from './log.ts';
import { watchOpenRecoveries } from './open-recoveries.ts';
import { workerOptions } from './options.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';
import { installRuntime } from './runtime.ts';

/**
 * A worker process. `LIFEBOAT_TASK_QUEUE` says what it polls: `lifeboat` (the default) for workflows and activities,
 * `lifeboat-<system>-<region>` for a system's activities that must run in that region. Temporal by its standard environment.
 * `LIFEBOAT_METRICS_ADDRESS` and `LIFEBOAT_HEALTH_ADDRESS` (`host:port`) open the endpoints for Prometheus and probes.
 * `LIFEBOAT_RUNBOOKS` has the plans in force, `LIFEBOAT_PLAN_STORE` keeps the versions that runs go by.
 * `LIFEBOAT_ENCRYPTION` (`required`, `off`) says whether it may write plain.
 * `TEMPORAL_DEPLOYMENT_NAME` and `TEMPORAL_WORKER_BUILD_ID` make it a version of a deployment;
 * OpenTelemetry's environment sends traces.
 */
const log = createLog('lifeboat-worker');
const metricsAddress = process.env['LIFEBOAT_METRICS_ADDRESS'];
const healthAddress = process.env['LIFEBOAT_HEALTH_ADDRESS'];
const tracing = await startTracing('lifeboat-worker');
const runtime = installRuntime(log, metricsAddress);

const secretsFolder = process.env['LIFEBOAT_SECRETS_DIR'] ?? '/run/secrets/lifeboat';
const taskQueue = process.env['LIFEBOAT_TASK_QUEUE'] ?? TASK_QUEUE;
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const converter = dataConverter(secretsFolder);
if (isPlainUnsaid(converter)) log.warn({ encrypted: false }, NOT_ENCRYPTED);

const connection: NativeConnection = await connectWhenUp(connectionOptions, log);
const vitals: Vitals = { connection, worker: null };
const health = healthAddress ? await serveHealth(healthAddress, vitals) : null;
const deployment = deploymentOptions(process.env);
const stopping = new AbortController();
try {
  await whenAvailable(() => registerSearchAttributes(connection, namespace), log);
  const held = deployment === undefined ? warnOfLive(heldPlans(process.env), log) : heldPlans(process.env);
  const activities = createActivities({ secrets: secretsFromFolder(secretsFolder), log }, held);
  const worker = await Worker.create(
    await workerOptions({
      connection,
      namespace,
      taskQueue,
      activities,
      dataConverter: converter,
      deployment,
      tracing,
    }),
  );
  vitals.worker = worker;
  const watching =
    metricsAddress && taskQueue === TASK_QUEUE
      ? watchOpenRecoveries({ connection, namespace, dataConverter: converter }, runtime.metricMeter, {
          log,
          signal: stopping.signal,
        })
      : null;
  log.info({ taskQueue, namespace, version: deployment?.version, encrypted: converter !== undefined }, 'polling');
  await worker.run().finally(() => stopping.abort());
  await watching;
} finally {
  health?.close();
  await connection.close();
  await tracing?.stop();
}
// A connection to something that froze must not keep a worker that was told to end.
process.exit();
