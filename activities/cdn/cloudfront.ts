import {
  CloudFrontClient,
  CreateInvalidationCommand,
  GetInvalidationCommand,
  type Invalidation,
  type InvalidationSummary,
  paginateListInvalidations,
} from '@aws-sdk/client-cloudfront';
import { ApplicationFailure } from '@temporalio/common';
import { awsOptions, callAws } from '../aws.ts';
import type { Step, StepResult } from '../contract.ts';
import { refusal } from '../fault.ts';
import { refuseIfFrozen } from '../heartbeat.ts';
import { wiringOf } from '../provider.ts';
import { leftMs, stepDeadline } from '../step-time.ts';
import { until } from '../until.ts';
import type { CdnVerbs } from './index.ts';

const LOOK_MS = 1_000;

/** AWS's clock and Temporal's may be this far apart. */
const CLOCKS_APART_MS = 300_000;

/** Cached answers of an Amazon CloudFront distribution. */
export function cloudfront(): CdnVerbs {
  return { invalidateCdn };
}

async function invalidateCdn(step: Step): Promise<StepResult> {
  const { aws, distribution, paths } = wiringOf<'cloudfront'>(step.component, step.to).shared;
  const deadline = stepDeadline();
  const client = new CloudFrontClient(awsOptions(aws));
  try {
    const reference = referenceOf(step);
    const earlier = await findInvalidation(client, distribution, reference, step.recovery.epoch);
    const found = earlier ?? (await invalidate(client, distribution, paths, reference));
    const status = await waitForEnd(client, distribution, found, deadline);
    const text = `${paths.join(', ')} of ${distribution} ${status}, invalidation ${found.Id}`;
    return { changed: earlier === undefined, detail: earlier === undefined ? text : `asked for already: ${text}` };
  } finally {
    client.destroy();
  }
}

/** One invalidation per component of a recovery's run: a repeat is the same request. */
function referenceOf({ recovery, component }: Step): string {
  return `${recovery.workflowId}/${recovery.runId}/${component.name}`;
}

/**
 * CloudFront takes a known caller reference for the same request, but not every API of its kind does, so the
 * distribution's invalidations since the recovery began are asked first.
 */
async function findInvalidation(
  client: CloudFrontClient,
  distribution: string,
  reference: string,
  epoch: number,
): Promise<Invalidation | undefined> {
  const since = epoch - CLOCKS_APART_MS;
  for (const { Id } of await listSince(client, distribution, since)) {
    const invalidation = await getInvalidation(client, distribution, Id);
    if (invalidation?.InvalidationBatch?.CallerReference === reference) return invalidation;
  }
  return undefined;
}

function listSince(client: CloudFrontClient, distribution: string, since: number): Promise<InvalidationSummary[]> {
  return callAws(`list invalidations of distribution ${distribution}`, async (options) => {
    const found: InvalidationSummary[] = [];
    const asked = { DistributionId: distribution };
    for await (const page of paginateListInvalidations({ client }, asked, options)) {
      const items = page.InvalidationList?.Items ?? [];
      found.push(...items.filter(({ CreateTime }) => CreateTime === undefined || CreateTime.getTime() >= since));
    }
    return found;
  });
}

async function getInvalidation(client: CloudFrontClient, DistributionId: string, Id: string | undefined) {
  const { Invalidation } = await callAws(`read invalidation ${Id} of distribution ${DistributionId}`, (options) =>
    client.send(new GetInvalidationCommand({ DistributionId, Id }), options),
  );
  return Invalidation;
}

async function invalidate(client: CloudFrontClient, DistributionId: string, paths: string[], reference: string) {
  refuseIfFrozen();
  const InvalidationBatch = { CallerReference: reference, Paths: { Quantity: paths.length, Items: paths } };
  const { Invalidation } = await callAws(
    `invalidate ${paths.join(', ')} of distribution ${DistributionId}`,
    (options) => client.send(new CreateInvalidationCommand({ DistributionId, InvalidationBatch }), options),
  );
  if (Invalidation === undefined) throw refusal('WiringInvalid', `distribution ${DistributionId} made no invalidation`);
  return Invalidation;
}

/** Caches that are still forgetting hold no recovery up: the step's time over, it is told as InProgress. */
async function waitForEnd(client: CloudFrontClient, distribution: string, found: Invalidation, deadline: number) {
  const wait = { what: `invalidation ${found.Id}`, timeoutMs: leftMs(deadline), everyMs: LOOK_MS };
  try {
    return await until(wait, async (note) => {
      const status = (await getInvalidation(client, distribution, found.Id))?.Status ?? 'unknown';
      note(status);
      return status.toLowerCase() === 'completed' ? 'Completed' : undefined;
    });
  } catch (cause) {
    if (cause instanceof ApplicationFailure && Date.now() >= deadline) return 'InProgress';
    throw cause;
  }
}
