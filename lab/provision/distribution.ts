import {
  CloudFrontClient,
  CreateDistributionCommand,
  type DistributionConfig,
  ListDistributionsCommand,
} from '@aws-sdk/client-cloudfront';
import { PRIMARY } from '../places.ts';
import { awsClient } from './aws-client.ts';
import type { Wiring } from './wiring.ts';

/** The distribution has no name of its own: its comment is how it is found again. */
const COMMENT = 'teei-csr';

/** The CloudFront distribution before the service; answers its generated id. */
export async function provisionDistribution(wiring: Wiring): Promise<string> {
  const cloudfront = new CloudFrontClient(awsClient(wiring, PRIMARY));
  const { DistributionList } = await cloudfront.send(new ListDistributionsCommand({}));
  const there = DistributionList?.Items?.find((distribution) => distribution.Comment === COMMENT);
  if (there?.Id !== undefined) return there.Id;
  const made = await cloudfront.send(new CreateDistributionCommand({ DistributionConfig: configuration() }));
  return made.Distribution?.Id as string;
}

function configuration(): DistributionConfig {
  const origin = 'service';
  return {
    CallerReference: COMMENT,
    Comment: COMMENT,
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: origin,
          DomainName: 'api.teei.test',
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
