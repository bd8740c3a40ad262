import { S3Client } from '@aws-sdk/client-s3';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { awsOptions } from '../aws.ts';

/** A client of the object storage that keeps evidence. Path style: a bucket's name in the host name is no use where an endpoint is an address. */
export function evidenceClient(evidence: RecoveryPlan['evidence']): S3Client {
  return new S3Client({ ...awsOptions(evidence), forcePathStyle: evidence.endpoint !== undefined });
}
