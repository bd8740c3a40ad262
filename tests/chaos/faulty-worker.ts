import { NativeConnection, Worker } from '@temporalio/worker';
import { secretsFromFolder } from '../../activities/secrets.ts';
import { createActivities } from '../../workers/activities.ts';
import { keepAlive } from '../../workers/keep-alive.ts';
import { createLog } from '../../workers/log.ts';
import { installRuntime } from '../../workers/runtime.ts';
import { Fault } from './fault.ts';
import { strike } from './strike.ts';

/** A worker of the product's activities that is struck: `faulty-worker.ts <task queue> <fault as JSON>`. */
const [taskQueue = '', json = ''] = process.argv.slice(2);
const fault = Fault.parse(JSON.parse(json));
const log = createLog('faulty-worker');
installRuntime(log);

const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const secrets = secretsFromFolder(process.env['LIFEBOAT_SECRETS_DIR'] ?? '');
const worker = await Worker.create({
  connection,
  taskQueue,
  activities: { ...createActivities({ secrets, log }) },
  interceptors: { activity: [keepAlive, strike(fault)] },
  // One step and no more polling: Temporal would hand the next attempts to the polls of a frozen worker.
  maxConcurrentActivityTaskExecutions: 1,
  shutdownGraceTime: '10s',
  shutdownForceTime: '20s',
});
await worker.run();
await connection.close();
