import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Key, KeyRing } from './key-ring.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** The names that Temporal's own samples use, so that its tools recognise an encrypted payload. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts whole payloads, their metadata included, with AES-256-GCM: 12 random bytes, the ciphertext, a tag of
 * 16 bytes. The key's name travels with the payload and is authenticated. Payloads that are not encrypted are passed
 * on, so that what ran before there were keys stays readable.
 */
export class EncryptionCodec implements PayloadCodec {
  private readonly keys: () => Promise<KeyRing>;

  /** Asks for the keys each time, so that a rotation needs no restart. */
  constructor(keys: () => Promise<KeyRing>) {
    this.keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { active } = await this.keys();
    return payloads.map((payload) => encrypt(payload, active));
  }

  /** Throws on a key that is not there, and on a payload that was changed. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    if (!payloads.some(isEncrypted)) return payloads;
    const ring = await this.keys();
    return payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, ring) : payload));
  }
}

function encrypt(payload: Payload, { id, secret }: Key): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(id));
  const ciphertext = Buffer.concat([cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]);
  return {
    metadata: { [METADATA_ENCODING_KEY]: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]),
  };
}

function decrypt(payload: Payload, ring: KeyRing): Payload {
  const id = metadata(payload, KEY_ID);
  const key = ring.find(id);
  if (!key) throw new Error(`a payload is encrypted with the key "${id}", which is not among the codec's keys`);
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key.secret, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(id)).setAuthTag(data.subarray(-TAG_BYTES));
    const plain = [decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return PayloadMessage.decode(Buffer.concat(plain));
  } catch {
    throw new Error(`a payload that names the key "${id}" was changed, or encrypted with another key`);
  }
}

const isEncrypted = (payload: Payload) => metadata(payload, METADATA_ENCODING_KEY) === ENCODING;
const metadata = ({ metadata }: Payload, name: string) => Buffer.from(metadata?.[name] ?? []).toString();
