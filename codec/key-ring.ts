/** A secret of 32 bytes, and the name that payloads carry of it. */
export interface Key {
  id: string;
  secret: Buffer;
}

/** The keys of the codec: the first encrypts, every one decrypts. */
export interface KeyRing {
  active: Key;
  find(id: string): Key | undefined;
}

const KEY_BYTES = 32;

/**
 * Reads keys, one per line: a name, a space, 32 bytes in base64. To rotate, put a new line first; take an old line out
 * once no history needs it any more. Throws on anything else, without telling any secret.
 */
export function parseKeyRing(text: string): KeyRing {
  const lines = text.split('\n').filter((line) => line.trim().length > 0);
  const keys = lines.map(readKey);
  const [active] = keys;
  if (!active) throw new Error('the codec has no key');
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length) throw new Error('two keys of the codec have the same name');
  return { active, find: (id) => byId.get(id) };
}

function readKey(line: string, index: number): Key {
  const [id = '', encoded = '', ...more] = line.trim().split(/\s+/);
  const secret = Buffer.from(encoded, 'base64');
  if (secret.length !== KEY_BYTES || more.length > 0) {
    throw new Error(`line ${index + 1} of the codec's keys is not a name and ${KEY_BYTES} bytes in base64`);
  }
  return { id, secret };
}
