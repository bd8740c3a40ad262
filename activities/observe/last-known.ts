import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { StreamFacts } from '../../plan/facts.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { evidenceClient } from '../evidence/client.ts';

/** Beside a look, which has more time: neither may hold it up. */
const TIMEOUT_MS = 1_000;

/**
 * Keeps what was last seen of a component beside the evidence, outside the regions, so that it outlives its region. A store
 * that does not take it costs no observation.
 */
export async function rememberStream(plan: RecoveryPlan, key: LastKnown, seen: StreamFacts): Promise<void> {
  await withClient(plan, (client, options) => {
    const at = placeOf(plan, key);
    return client.send(
      new PutObjectCommand({ ...at, Body: JSON.stringify(seen), ContentType: 'application/json' }),
      options,
    );
  });
}

/** What was last seen of it; null when that is not known. */
export async function recallStream(plan: RecoveryPlan, key: LastKnown): Promise<StreamFacts | null> {
  return await withClient(plan, async (client, options) => {
    const { Body } = await client.send(new GetObjectCommand(placeOf(plan, key)), options);
    return JSON.parse((await Body?.transformToString()) ?? 'null') as StreamFacts | null;
  });
}

interface LastKnown {
  component: string;
  region: string;
}

function placeOf({ evidence, system }: RecoveryPlan, { component, region }: LastKnown) {
  const prefix = evidence.prefix.replace(/^\/+|\/+$/g, '');
  const path = [prefix, system, 'last-known', `${component}-${region}.json`];
  return { Bucket: evidence.bucket, Key: path.filter((part) => part !== '').join('/') };
}

type Call<T> = (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>;

async function withClient<T>({ evidence }: RecoveryPlan, call: Call<T>): Promise<T | null> {
  let client: S3Client | undefined;
  try {
    client = evidenceClient(evidence);
    return await call(client, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    return null;
  } finally {
    client?.destroy();
  }
}
