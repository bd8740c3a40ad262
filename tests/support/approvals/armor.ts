/** The bytes inside an armored SSH signature, to be tampered with. */
export function bytesOf(armored: string): Buffer {
  return Buffer.from(armored.replace(/-----[^\n]*\n/g, ''), 'base64');
}

export function armor(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

/** Replaces one length-prefixed field of the signature by another. */
export function withField(armored: string, old: string | Buffer, young: string | Buffer): string {
  const [from, to] = [field(old), field(young)];
  const bytes = bytesOf(armored);
  const start = bytes.indexOf(from);
  if (start < 0) throw new Error('the signature has no such field');
  return armor(Buffer.concat([bytes.subarray(0, start), to, bytes.subarray(start + from.length)]));
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The key inside a line of `authorized_keys`. */
export const blobOf = (publicKey: string) => Buffer.from(publicKey.split(' ')[1] as string, 'base64');
