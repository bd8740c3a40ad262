import { DeleteObjectsCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { milliseconds } from '../../plan/duration.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { callSignal } from '../step-time.ts';

/** A recovery holds its lock meanwhile: the next one goes on where this one ends. */
const SWEEP_MS = 5_000;

/** Evidence of one system: reports, records of incidents, break-glass runbooks. */
export interface Swept {
  client: S3Client;
  evidence: RecoveryPlan['evidence'];
  system: string;
  /** An object that was just written: when that was is the store's own time, whatever the worker's clock says. */
  newest: string;
}

/**
 * Deletes the evidence of a system that is older than its plan's retention, a page of each kind, oldest first. The
 * system's latest break-glass runbook stays.
 *
 * @returns how many objects were deleted
 */
export async function sweepEvidence({ client, evidence, system, newest }: Swept): Promise<number> {
  const base = [evidence.prefix.replace(/^\/+|\/+$/g, ''), system].filter((part) => part !== '').join('/');
  const abortSignal = callSignal(SWEEP_MS);
  const { LastModified: now } = await client.send(new HeadObjectCommand({ Bucket: evidence.bucket, Key: newest }), {
    abortSignal,
  });
  if (now === undefined) throw new Error('the store does not say when it was written');
  const before = now.getTime() - milliseconds(evidence.retention);
  const counts = ['', 'incidents/', 'break-glass/'].map(async (kind) => {
    const list = new ListObjectsV2Command({ Bucket: evidence.bucket, Prefix: `${base}/${kind}` });
    const { Contents = [] } = await client.send(list, { abortSignal });
    const old = Contents.filter(
      ({ Key, LastModified }) =>
        Key !== undefined &&
        !Key.endsWith('/latest.md') &&
        LastModified !== undefined &&
        LastModified.getTime() < before,
    );
    return await deleteAll(client, evidence.bucket, new Set(old.map(({ Key }) => Key as string)), abortSignal);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function deleteAll(client: S3Client, bucket: string, keys: Set<string>, abortSignal: AbortSignal) {
  if (keys.size === 0) return 0;
  const Objects = [...keys].map((Key) => ({ Key }));
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
  const { Errors = [] } = await client.send(command, { abortSignal });
  if (Errors.length > 0) throw new Error(`${Errors[0]?.Key}: ${Errors[0]?.Code}, and ${Errors.length - 1} more`);
  return keys.size;
}
