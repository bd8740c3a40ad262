import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { evidenceClient } from '../activities/evidence/client.ts';
import { latestKey, META } from '../plan/break-glass/keys.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import { StarterError } from './errors.ts';
import { loadRecoveryPlan } from './load-plan.ts';
import { RUNBOOKS } from './runbook-files.ts';

/** A break-glass runbook as object storage has it. */
export interface StoredRunbook {
  location: string;
  /** ISO time at which the recovery stood as it says. */
  asOf: string;
  ageSeconds: number;
  workflowId: string;
  runId: string;
  /** `running`, `waiting`, `paused`, `rolling-back`, or how the recovery ended. */
  state: string;
  text: string;
}

/** Reads a system's newest break-glass runbook. Needs object storage alone, by this machine's own AWS credentials. */
export async function fetchRunbook(plan: RecoveryPlan, timeoutMs: number): Promise<StoredRunbook> {
  const { bucket } = plan.evidence;
  const location = `s3://${bucket}/${latestKey(plan)}`;
  const client = evidenceClient(plan.evidence);
  try {
    return { location, ...(await within(timeoutMs, (signal) => read(client, plan, signal))) };
  } catch (error) {
    throw unread(location, plan.system, error as Error);
  } finally {
    client.destroy();
  }
}

async function read(client: S3Client, plan: RecoveryPlan, abortSignal: AbortSignal) {
  const request = new GetObjectCommand({ Bucket: plan.evidence.bucket, Key: latestKey(plan) });
  const { Metadata: meta = {}, LastModified, Body } = await client.send(request, { abortSignal });
  const asOf = meta[META.asOf] ?? LastModified?.toISOString() ?? '';
  return {
    asOf,
    ageSeconds: Math.max(0, Math.round((Date.now() - Date.parse(asOf)) / 1000)),
    workflowId: meta[META.workflowId] ?? '',
    runId: meta[META.runId] ?? '',
    state: meta[META.state] ?? '',
    text: (await Body?.transformToString()) ?? '',
  };
}

/** The SDK's own time-outs do not cover a body that stops half-way; this one does. */
async function within<T>(timeoutMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true });
  });
  return await Promise.race([call(signal), late]);
}

function unread(location: string, system: string, error: Error): StarterError {
  if (error.name === 'NoSuchKey') {
    return new StarterError('nothing-running', `no recovery of ${system} has written ${location}`, error);
  }
  return new StarterError('unreachable', `${location} cannot be read: ${error.message || error.name}`, error);
}

/**
 * The plan of a system in the environment that is meant: the one that is named, or else the only one that is live. In
 * an emergency nobody should have to guess, and a drill's runbook must not be taken for the real one.
 */
export async function planInForce(system: string, environment: string | undefined): Promise<RecoveryPlan> {
  if (environment !== undefined) return await loadRecoveryPlan({ system, environment });
  const files = await readdir(join(RUNBOOKS, system, 'environments')).catch(() => []);
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
  const loaded = await Promise.allSettled(names.map((name) => loadRecoveryPlan({ system, environment: name })));
  const live = loaded.flatMap((one) => (one.status === 'fulfilled' && one.value.mode === 'live' ? [one.value] : []));
  const [plan] = live;
  if (plan !== undefined && live.length === 1) return plan;
  throw new StarterError('usage', `say which with --environment: ${system} has ${names.join(', ') || 'none'}`);
}
