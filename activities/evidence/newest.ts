import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { META } from '../../plan/break-glass/keys.ts';
import type { Standing } from '../../plan/break-glass/standing.ts';
import { callAws } from '../aws.ts';
import { fault } from '../fault.ts';
import { sha256 } from './files.ts';

/** Losing this often in a row is not by chance. */
const TRIES = 5;

/** What S3 answers when the object is not what a write expects. */
const LOST_THE_RACE = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

interface Place {
  client: S3Client;
  bucket: string;
  key: string;
}

/**
 * Writes the text of a standing over an older one, by compare-and-set: an executor that comes late, or a recovery that
 * was before, never replaces what is newer. Answers false when there was something newer.
 */
export async function putNewest(place: Place, standing: Standing, body: string): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = await head(place);
    if (found !== null && isNewer(found.metadata, standing)) return false;
    if (await write(place, standing, body, found?.etag)) return true;
  }
  throw fault('NotReached', `s3://${place.bucket}/${place.key} changed ${TRIES} times while it was written`);
}

async function head({
  client,
  bucket,
  key,
}: Place): Promise<{ etag: string; metadata: Record<string, string> } | null> {
  return await callAws(`look at s3://${bucket}/${key}`, async (options) => {
    try {
      const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), options);
      return { etag: answer.ETag ?? '', metadata: answer.Metadata ?? {} };
    } catch (error) {
      if ((error as Error).name === 'NotFound') return null;
      throw error;
    }
  });
}

/** By the recovery, and within one by the time of which it speaks. */
function isNewer(metadata: Record<string, string>, { epoch, asOf }: Standing): boolean {
  const theirs = Number(metadata[META.epoch] ?? 0);
  return theirs === epoch ? (metadata[META.asOf] ?? '') > asOf : theirs > epoch;
}

/** False when somebody else was first. */
async function write({ client, bucket, key }: Place, standing: Standing, body: string, etag: string | undefined) {
  const { asOf, epoch, workflowId, runId, state } = standing;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    Body: body,
    ContentType: 'text/markdown; charset=utf-8',
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: sha256(body).toString('base64'),
    Metadata: {
      [META.asOf]: asOf,
      [META.epoch]: `${epoch}`,
      [META.workflowId]: workflowId,
      [META.runId]: runId,
      [META.state]: state,
    },
  });
  return await callAws(`store s3://${bucket}/${key}`, async (options) => {
    try {
      await client.send(command, options);
      return true;
    } catch (error) {
      if (LOST_THE_RACE.has((error as Error).name)) return false;
      throw error;
    }
  });
}
