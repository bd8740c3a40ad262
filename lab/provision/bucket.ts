import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { awsClient } from './aws-client.ts';
import { once } from './once.ts';
import type { Wiring } from './wiring.ts';

/** Neither of the regions that fail over: what must survive them is kept elsewhere. */
export const STORE_REGION = 'us-east-2';

/** The only bucket of a lab. */
export const BUCKET = 'lifeboat';

/** The bucket of the lease, of evidence and of backups. */
export async function provisionBucket(wiring: Wiring): Promise<void> {
  const s3 = new S3Client({ ...awsClient(wiring, STORE_REGION), forcePathStyle: true });
  await once(
    () =>
      s3.send(
        new CreateBucketCommand({
          Bucket: BUCKET,
          CreateBucketConfiguration: { LocationConstraint: STORE_REGION },
        }),
      ),
    (refusal) => refusal instanceof Error && ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(refusal.name),
  );
}
