import {
  CloudFrontClient,
  CreateDistributionCommand,
  type DistributionConfig,
  ListInvalidationsCommand,
} from '@aws-sdk/client-cloudfront';
import { awsEndpoint } from '../../support/activities/lab.ts';
import { FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import type { Subject, Theatre } from './subject.ts';

/** A distribution of its own for each run; CloudFront itself lists its invalidations. */
export const cloudfront: Theatre = {
  needs: ['third-place/aws'],
  async open(lab) {
    const endpoint = awsEndpoint(lab);
    const client = new CloudFrontClient({ region: 'us-east-1', endpoint });
    const invalidate: Subject = {
      verb: 'invalidateCdn',
      async prepare(run) {
        const { Distribution } = await client.send(
          new CreateDistributionCommand({ DistributionConfig: configuration(`run-${run}`) }),
        );
        const DistributionId = Distribution?.Id ?? '';
        const component = wired('cdn', 'cloudfront', {
          shared: { aws: { region: 'us-east-1', endpoint }, distribution: DistributionId, paths: ['/*'] },
          regions: { [FROM]: {}, [TO]: {} },
        });
        async function seen(): Promise<number> {
          const { InvalidationList } = await client.send(new ListInvalidationsCommand({ DistributionId }));
          return InvalidationList?.Items?.length ?? 0;
        }
        return { input: stepOf(component, recoveryRef()), seen, expected: 1, twice: 2 };
      },
    };
    return { subjects: [invalidate], close: async () => client.destroy() };
  },
};

function configuration(CallerReference: string): DistributionConfig {
  const origin = {
    Id: 'origin',
    DomainName: 'teei.s3.amazonaws.com',
    S3OriginConfig: { OriginAccessIdentity: '' },
  };
  return {
    CallerReference,
    Comment: '',
    Enabled: true,
    Origins: { Quantity: 1, Items: [origin] },
    DefaultCacheBehavior: { TargetOriginId: 'origin', ViewerProtocolPolicy: 'allow-all' },
  };
}
