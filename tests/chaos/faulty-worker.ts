import { flushCompileCache } from 'node:module';
import { NativeConnection, Worker } from '@temporalio/worker';
import { secretsFromFolder } from '../../activities/secrets.ts';
import { createActivities } from '../../workers/activities.ts';
import { createLog } from '../../workers/log.ts';
import { workerOptions } from '../../workers/options.ts';
import { installRuntime } from '../../workers/runtime.ts';
import { TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { Fault } from './fault.ts';
import { READY, strike } from './strike.ts';

/**
 * A worker as the product's, which is struck: `faulty-worker.ts <task queue> <fault as JSON>`. On Lifeboat's own queue
 * it drives whole recoveries; on any other it takes one step at a time.
 */
const [taskQueue = '', json = ''] = process.argv.slice(2);
const fault = Fault.parse(JSON.parse(json));
const log = createLog('faulty-worker');
installRuntime(log);

const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const secrets = secretsFromFolder(process.env['LIFEBOAT_SECRETS_DIR'] ?? '');
const activities = createActivities({ secrets, log });
const { tuner, ...options } = await workerOptions({ connection, namespace: 'default', taskQueue, activities });
const worker = await Worker.create({
  ...options,
  interceptors: { activity: [...(options.interceptors?.activity ?? []), strike(fault)] },
  // A single step's worker polls no more once it has it: what frozen polls do is measured elsewhere.
  ...(taskQueue === TASK_QUEUE ? tuner && { tuner } : { maxConcurrentActivityTaskExecutions: 1 }),
});
// A killed process would keep to itself what it has compiled.
flushCompileCache();
console.log(READY);
await worker.run();
await connection.close();
process.exit();
