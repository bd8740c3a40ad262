import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CloudFrontClient,
  CreateDistributionCommand,
  GetInvalidationCommand,
  ListInvalidationsCommand,
} from '@aws-sdk/client-cloudfront';
import { cdnActivities } from '../../../../activities/cdn/index.ts';
import { sharedFacts } from '../../../../activities/observe/components.ts';
import type { Lab } from '../../../../lab/lab.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { startBetween } from '../../../support/activities/between.ts';
import { awsEndpoint, startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../../support/activities/step.ts';
import { SYSTEM } from '../../../support/lab/shape.ts';

const { invalidateCdn } = cdnActivities(depsOf());

describe('CloudFront', () => {
  let lab: Lab;
  let endpoint: string;
  let client: CloudFrontClient;
  let distribution: string;

  beforeAll(async () => {
    lab = await startLab('cdn', ['third-place/aws']);
    endpoint = awsEndpoint(lab);
    client = new CloudFrontClient({ region: 'us-east-1', endpoint });
    distribution = await create('test', true);
  });

  afterAll(async () => {
    client?.destroy();
    await lab?.down();
  });

  async function create(CallerReference: string, Enabled: boolean): Promise<string> {
    const origin = {
      Id: 'origin',
      DomainName: 'teei.s3.amazonaws.com',
      S3OriginConfig: { OriginAccessIdentity: '' },
    };
    const DistributionConfig = {
      ...{ CallerReference, Comment: '', Enabled },
      Origins: { Quantity: 1, Items: [origin] },
      DefaultCacheBehavior: { TargetOriginId: 'origin', ViewerProtocolPolicy: 'allow-all' as const },
    };
    const { Distribution } = await client.send(new CreateDistributionCommand({ DistributionConfig }));
    return Distribution?.Id ?? '';
  }

  const component = (id: string, at = endpoint) =>
    wired('cdn', 'cloudfront', {
      shared: { aws: { region: 'us-east-1', endpoint: at }, distribution: id, paths: ['/*', '/api/*'] },
      regions: { [FROM]: {}, [TO]: {} },
    });

  async function references(): Promise<(string | undefined)[]> {
    const { InvalidationList } = await client.send(new ListInvalidationsCommand({ DistributionId: distribution }));
    const ids = (InvalidationList?.Items ?? []).map(({ Id }) => Id);
    const found = await Promise.all(
      ids.map((Id) => client.send(new GetInvalidationCommand({ DistributionId: distribution, Id }))),
    );
    return found.map(({ Invalidation }) => Invalidation?.InvalidationBatch?.CallerReference);
  }

  test('a repeat is the same invalidation, another run is another', async () => {
    const step = stepOf(component(distribution), recoveryRef());
    const first = await attempt(invalidateCdn, step);
    expect(first.changed).toBe(true);
    expect(first.detail).toMatch(new RegExp(`^/\\*, /api/\\* of ${distribution} Completed, invalidation \\w+$`));

    const again = await attempt(invalidateCdn, step);
    expect(again).toEqual({ changed: false, detail: `asked for already: ${first.detail}` });
    expect(await references()).toEqual([`recovery/${SYSTEM}/${step.recovery.runId}/cdn`]);

    const later = stepOf(component(distribution), recoveryRef(step.recovery.epoch + 1));
    expect((await attempt(invalidateCdn, later)).changed).toBe(true);
    expect(await references()).toHaveLength(2);
  });

  test('an invalidation that takes longer than the step is told as in progress', async () => {
    const between = await startBetween(endpoint, {
      rewrite: { count: Number.POSITIVE_INFINITY, from: 'COMPLETED', to: 'InProgress' },
    });
    try {
      const step = stepOf(component(distribution, between.endpoint), recoveryRef(Date.now() + 1_000));
      const slow = await attempt(invalidateCdn, step, { info: { startToCloseTimeoutMs: 2_500 } });
      expect(slow.changed).toBe(true);
      expect(slow.detail).toMatch(/ InProgress, invalidation \w+$/);
    } finally {
      await between.end();
    }
  });

  test('cancellation ends the wait', async () => {
    const between = await startBetween(endpoint, {
      rewrite: { count: Number.POSITIVE_INFINITY, from: 'COMPLETED', to: 'InProgress' },
    });
    try {
      const step = stepOf(component(distribution, between.endpoint), recoveryRef(Date.now() + 2_000));
      await expect(attempt(invalidateCdn, step, { cancelWhen: 'InProgress' })).rejects.toThrow(/abort|cancel/i);
    } finally {
      await between.end();
    }
  });

  describe('is looked at', () => {
    const NOBODY = 'http://127.0.0.1:1';

    async function look(id: string, { at = endpoint, url }: { at?: string; url?: string } = {}) {
      const cdn = component(id, at);
      const wiring = { ...cdn.wiring, shared: { ...cdn.wiring.shared, ...(url !== undefined && { url }) } };
      const plan = { components: { cdn: { ...cdn, wiring } } } as unknown as RecoveryPlan;
      return (await sharedFacts(plan))[0];
    }

    test('and is healthy while AWS says that it is on, failing once it is off or gone', async () => {
      const off = await create('switched off', false);
      const seen = { component: 'cdn', kind: 'cdn', region: null };
      expect(await look(distribution)).toEqual({ ...seen, health: 'healthy', detail: '' });
      expect(await look(off)).toEqual({ ...seen, health: 'failing', detail: `distribution ${off} is switched off` });
      expect(await look('ENOSUCH')).toMatchObject({ health: 'failing', detail: expect.stringMatching(/\S/) });
    });

    test('and is unknown while AWS does not answer: its edges go on without', async () => {
      expect(await look(distribution, { at: NOBODY })).toMatchObject({ health: 'unknown' });
    });

    test('where clients reach it, too', async () => {
      let status = 200;
      const edge = createServer((_, answer) => answer.writeHead(status).end());
      await once(edge.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}/`;
      try {
        expect(await look(distribution, { at: NOBODY, url })).toMatchObject({ health: 'healthy' });
        status = 502;
        expect(await look(distribution, { url })).toMatchObject({ health: 'degraded', detail: `${url} answers 502` });
      } finally {
        edge.close();
      }
      expect(await look(distribution, { url })).toMatchObject({ health: 'failing' });
      const gone = { health: 'failing', detail: expect.stringMatching(/NoSuchDistribution|not exist/) };
      expect(await look('ENOSUCH', { url: 'http://gone.invalid/' })).toMatchObject(gone);
    });
  });

  test('a distribution that is not there is refused', async () => {
    await expect(attempt(invalidateCdn, stepOf(component('ENOSUCH')))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: expect.stringContaining('distribution ENOSUCH'),
    });
  });

  test('a provider that is not in the registry is refused', async () => {
    const step = stepOf({ ...component(distribution), provider: 'fastly' });
    await expect(attempt(invalidateCdn, step)).rejects.toMatchObject({
      type: 'WiringInvalid',
      message: 'cdn: no provider "fastly" for cdn; there is cloudfront',
    });
  });
});
