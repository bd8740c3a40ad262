import {
  CloudFrontClient,
  CreateDistributionCommand,
  type DistributionConfig,
  ListDistributionsCommand,
} from '@aws-sdk/client-cloudfront';
import type { Shape } from '../shapes/shape.ts';
import { awsClient } from './aws-client.ts';
import type { Provisioned } from './wiring.ts';

/**
 * The CloudFront distribution before the service; answers its generated id. It has no name of its own: its comment is how
 * it is found again.
 */
export async function provisionDistribution({ wiring, shape }: Provisioned): Promise<string> {
  const cloudfront = new CloudFrontClient(awsClient(wiring, shape.awsRegion));
  const { DistributionList } = await cloudfront.send(new ListDistributionsCommand({}));
  const there = DistributionList?.Items?.find((distribution) => distribution.Comment === shape.system);
  if (there?.Id !== undefined) return there.Id;
  const made = await cloudfront.send(new CreateDistributionCommand({ DistributionConfig: configuration(shape) }));
  return made.Distribution?.Id as string;
}

function configuration({ system, clientName }: Shape): DistributionConfig {
  const origin = 'service';
  return {
    CallerReference: system,
    Comment: system,
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: origin,
          DomainName: clientName ?? system,
          CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' },
        },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: origin,
      ViewerProtocolPolicy: 'allow-all',
      MinTTL: 0,
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
    },
  };
}
