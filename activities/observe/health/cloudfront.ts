import { CloudFrontClient, type Distribution, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { awsOptions } from '../../aws.ts';
import { reasonOf } from '../../reason.ts';
import { healthy, LOOK_MS, type Looked, type SharedLook } from './health.ts';

/** Do its edges answer clients, where the environment says at which address, and is it switched on? */
export const cloudfront: SharedLook = async (component) => {
  const { shared } = component.wiring as Wiring<'cloudfront'>;
  const seen = shared.url === undefined ? null : lookAtEdge(shared.url);
  // A distribution that is gone has no name any more; what AWS says of it counts whatever becomes of the edges.
  seen?.catch(() => {});
  const said = judgeDistribution(await readDistribution(shared));
  return seen === null || said.health === 'failing' ? said : await seen;
};

async function readDistribution({
  aws,
  distribution: Id,
}: Wiring<'cloudfront'>['shared']): Promise<Distribution | Error> {
  const client = new CloudFrontClient({ ...awsOptions(aws), maxAttempts: 1 });
  try {
    const options = { abortSignal: AbortSignal.timeout(LOOK_MS) };
    const { Distribution } = await client.send(new GetDistributionCommand({ Id }), options);
    return Distribution ?? new Error(`AWS answers nothing for distribution ${Id}`);
  } catch (cause) {
    return cause as Error;
  } finally {
    client.destroy();
  }
}

/**
 * An AWS that does not tell says nothing of the edges, and a change that is on its way to them keeps none of them
 * from answering.
 */
function judgeDistribution(found: Distribution | Error): Looked {
  if (found instanceof Error) {
    return { health: found.name === 'NoSuchDistribution' ? 'failing' : 'unknown', detail: reasonOf(found) };
  }
  if (found.DistributionConfig?.Enabled === true) return healthy;
  return { health: 'failing', detail: `distribution ${found.Id} is switched off` };
}

/** An edge that cannot reach what is behind it still answers, with a server error. */
async function lookAtEdge(url: string): Promise<Looked> {
  const { status, body } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(LOOK_MS) });
  await body?.cancel();
  return status < 500 ? healthy : { health: 'degraded', detail: `${url} answers ${status}` };
}
