import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { secretsFromFolder } from '../activities/secrets.ts';
import { EncryptionCodec } from './encryption-codec.ts';
import { parseKeyRing } from './key-ring.ts';

/** Name of the secret that holds the codec's keys. */
export const KEYS_SECRET = 'codec/keys';

/** Encodes what failures say, for the codec to encrypt. */
export const FAILURE_CONVERTER = join(import.meta.dirname, 'failure-converter.cjs');

/**
 * How worker, gateway and CLI write what Temporal stores: encrypted when the folder of secrets (`LIFEBOAT_SECRETS_DIR`
 * by default) has `codec/keys`, plain otherwise. Once there are keys, nothing is written plain: without them a write
 * fails.
 */
export function dataConverter(secretsFolder = process.env['LIFEBOAT_SECRETS_DIR']): DataConverter | undefined {
  if (!secretsFolder || !existsSync(join(secretsFolder, KEYS_SECRET))) return undefined;
  return {
    failureConverterPath: FAILURE_CONVERTER,
    payloadCodecs: [encryptionCodec(secretsFolder)],
  };
}

export function encryptionCodec(secretsFolder: string): EncryptionCodec {
  const secrets = secretsFromFolder(secretsFolder);
  return new EncryptionCodec(async () => parseKeyRing(await secrets.get(KEYS_SECRET)));
}
