/** What an OpenSSH public key holds after its type, by number of fields, and the length of a field that is fixed. */
const TYPES: Record<string, { fields: number; lengths?: Record<number, number> }> = {
  'ssh-ed25519': { fields: 2, lengths: { 1: 32 } },
  'ssh-rsa': { fields: 3 },
  'ecdsa-sha2-nistp256': { fields: 3, lengths: { 2: 65 } },
  'ecdsa-sha2-nistp384': { fields: 3, lengths: { 2: 97 } },
  'ecdsa-sha2-nistp521': { fields: 3, lengths: { 2: 133 } },
  'sk-ssh-ed25519@openssh.com': { fields: 3, lengths: { 1: 32 } },
  'sk-ecdsa-sha2-nistp256@openssh.com': { fields: 4, lengths: { 2: 65 } },
};

/**
 * What keeps a text from being a public key that an approval could be verified with; null when nothing does.
 *
 * @param text as in an `authorized_keys` file: type, base64, comment
 * @see https://www.rfc-editor.org/rfc/rfc4253#section-6.6
 */
export function publicKeyProblem(text: string): string | null {
  const [type = '', body = ''] = text.trim().split(/\s+/);
  const known = TYPES[type];
  if (known === undefined) return `"${type}" is no type of public key; known: ${Object.keys(TYPES).join(', ')}`;
  const bytes = decoded(body);
  if (bytes === null) return 'what follows the type is no base64';
  const fields = fieldsOf(bytes);
  if (fields === null || fields.length !== known.fields) return 'it is cut short, or longer than a key';
  const named = new TextDecoder().decode(fields[0]);
  if (named !== type) return `it says "${type}" and holds a key of type "${named}"`;
  const wrong = Object.entries(known.lengths ?? {}).some(([at, length]) => fields[Number(at)]?.length !== length);
  return wrong ? `it is no key of type "${type}": it has another length` : null;
}

function decoded(body: string): Uint8Array | null {
  if (body === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return null;
  try {
    return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Strings, each after its length in four bytes; null where they do not end where the bytes do. */
function fieldsOf(bytes: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bytes.buffer);
  const fields: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return null;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
