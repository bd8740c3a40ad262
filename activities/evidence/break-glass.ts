import { latestKey, runKey } from '../../plan/break-glass/keys.ts';
import { renderBreakGlass } from '../../plan/break-glass/render.ts';
import type { Standing } from '../../plan/break-glass/standing.ts';
import { together } from '../together.ts';
import { evidenceClient } from './client.ts';
import { putNewest } from './newest.ts';

/**
 * Keeps the break-glass runbook of a recovery in object storage, under a key of its run and as the system's latest.
 * Storing the same, or something older, changes nothing.
 */
export async function storeBreakGlass(standing: Standing): Promise<{ location: string }> {
  const { plan } = standing;
  const { bucket } = plan.evidence;
  const text = renderBreakGlass(standing);
  const client = evidenceClient(plan.evidence);
  try {
    const keys = [runKey(plan, standing), latestKey(plan)];
    await together(keys.map((key) => putNewest({ client, bucket, key }, standing, text)));
  } finally {
    client.destroy();
  }
  return { location: `s3://${bucket}/${latestKey(plan)}` };
}
