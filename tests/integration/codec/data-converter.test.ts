import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { ApplicationFailure, type DataConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { dataConverter, isPlainUnsaid } from '../../../codec/data-converter.ts';
import { workerOptions } from '../../../workers/options.ts';
import { statusQuery, TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { temporalServer } from '../../support/starter/temporal.ts';
import { eventually, shortPlan, startFailover } from '../../support/workers/recoveries.ts';
import { createFakes } from '../../support/workflows/fakes.ts';

const SAID = 'the words of a failure that nobody else may read';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

let folder: string;
let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await temporalServer();
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-converter-'));
  await mkdir(join(folder, 'codec'));
  await writeFile(join(folder, 'codec', 'keys'), `test ${randomBytes(32).toString('base64')}\n`);
});

afterAll(async () => {
  await env?.teardown();
  await rm(folder, { recursive: true });
});

test('without keys, and without a folder of secrets, nothing is encrypted', async () => {
  expect(dataConverter(join(folder, 'elsewhere'))).toBeUndefined();
  expect(dataConverter('')).toBeUndefined();
});

test('encryption that is required is never silently absent', () => {
  expect(() => dataConverter(join(folder, 'elsewhere'), 'required')).toThrow(/"required", and there is no codec\/keys/);
  expect(() => dataConverter('', 'required')).toThrow(/LIFEBOAT_SECRETS_DIR is not set/);
  expect(dataConverter(folder, 'required')).toBeDefined();
});

test('plain is written when it is said, and not by a slip of the pen', () => {
  expect(dataConverter(folder, 'off')).toBeUndefined();
  expect(() => dataConverter(folder, 'on')).toThrow(/must be "required" or "off"/);
});

test('whoever writes plain without having been told to says so', () => {
  expect(isPlainUnsaid(undefined, undefined)).toBe(true);
  expect(isPlainUnsaid(undefined, 'off')).toBe(false);
  expect(isPlainUnsaid(dataConverter(folder), undefined)).toBe(false);
});

test('a recovery runs encrypted: its history tells neither its plan nor what a failure said', async () => {
  const converter = dataConverter(folder) as DataConverter;
  const { activities } = createFakes({
    invalidateCdn: () => Promise.reject(ApplicationFailure.nonRetryable(SAID, 'NotReached')),
  });
  const where = { connection: env.nativeConnection, namespace: 'default', dataConverter: converter };
  const worker = await Worker.create(await workerOptions({ ...where, taskQueue: TASK_QUEUE, activities }));
  const client = new Client({ connection: env.connection, dataConverter: converter });
  await worker.runUntil(async () => {
    const plan = await shortPlan('invalidate-cdn');
    const { workflowId } = await startFailover({ client }, plan);
    const status = await eventually(async () => {
      const seen = await client.workflow.getHandle(workflowId).query(statusQuery);
      expect(seen.state).toBe('paused');
      return seen;
    });
    expect(status.summary).toContain(SAID);
    const history = await env.client.workflow.getHandle(workflowId).fetchHistory();
    const written = readable(history);
    expect(written).toContain('binary/encrypted');
    expect(written).not.toContain(SAID);
    expect(written).not.toContain(plan.title);
    await client.workflow.getHandle(workflowId).terminate();
  });
});

/** Everything in a history that is text or bytes, as text. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(readable).join('\n');
}
