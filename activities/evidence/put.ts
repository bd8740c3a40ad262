import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callAws } from '../aws.ts';
import { type EvidenceFile, sha256 } from './files.ts';

/** Writes one object; S3 refuses it when what arrived does not have the checksum. */
export async function put(client: S3Client, bucket: string, folder: string, file: EvidenceFile): Promise<void> {
  const key = `${folder}/${file.name}`;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: file.body,
    ContentType: file.contentType,
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: sha256(file.body).toString('base64'),
  });
  await callAws(`store s3://${bucket}/${key}`, (options) => client.send(command, options));
}
