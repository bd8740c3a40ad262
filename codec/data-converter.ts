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

/** What a process must not leave unsaid when it writes plain and nobody has said that it should. */
export const NOT_ENCRYPTED =
  'NOT ENCRYPTED: there is no secret codec/keys, so Temporal stores everything plain; LIFEBOAT_ENCRYPTION=required refuses this, =off silences it';

/**
 * How worker, gateway and CLI write what Temporal stores. `LIFEBOAT_ENCRYPTION` says what is wanted: `required` refuses
 * to start without keys, `off` writes plain. Without it, what is written is encrypted when the folder of secrets
 * (`LIFEBOAT_SECRETS_DIR` by default) has `codec/keys`, and plain otherwise, which processes say aloud: see
 * `isPlainUnsaid`. Once there are keys, nothing is written plain: without them a write fails.
 */
export function dataConverter(
  secretsFolder = process.env['LIFEBOAT_SECRETS_DIR'],
  wanted = process.env['LIFEBOAT_ENCRYPTION'],
): DataConverter | undefined {
  if (wanted !== undefined && wanted !== '' && wanted !== 'required' && wanted !== 'off') {
    throw new Error(`LIFEBOAT_ENCRYPTION is "${wanted}", and must be "required" or "off"`);
  }
  if (wanted === 'off') return undefined;
  if (!secretsFolder || !existsSync(join(secretsFolder, KEYS_SECRET))) {
    if (wanted !== 'required') return undefined;
    const where = secretsFolder || 'a folder of secrets (LIFEBOAT_SECRETS_DIR is not set)';
    throw new Error(`LIFEBOAT_ENCRYPTION is "required", and there is no ${KEYS_SECRET} in ${where}`);
  }
  return {
    failureConverterPath: FAILURE_CONVERTER,
    payloadCodecs: [encryptionCodec(secretsFolder)],
  };
}

/** Is this process about to write plain without having been told to? */
export const isPlainUnsaid = (converter: DataConverter | undefined, wanted = process.env['LIFEBOAT_ENCRYPTION']) =>
  converter === undefined && wanted !== 'off';

export function encryptionCodec(secretsFolder: string): EncryptionCodec {
  const secrets = secretsFromFolder(secretsFolder);
  return new EncryptionCodec(async () => parseKeyRing(await secrets.get(KEYS_SECRET)));
}
