import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { EncryptionCodec } from '../../../codec/encryption-codec.ts';
import { parseKeyRing } from '../../../codec/key-ring.ts';

const line = (id: string) => `${id} ${randomBytes(32).toString('base64')}`;
const codecOf = (...lines: string[]) => new EncryptionCodec(async () => parseKeyRing(lines.join('\n')));
const [old, young] = [line('2026-01'), line('2026-07')] as [string, string];
const payload = (value: unknown) => defaultPayloadConverter.toPayload(value) as Payload;
const value = (decoded: Payload[]) => decoded.map((one) => defaultPayloadConverter.fromPayload(one));

async function encrypted(codec: EncryptionCodec, text: unknown): Promise<Payload> {
  const [one] = await codec.encode([payload(text)]);
  return one as Payload;
}

test('whatever is encrypted comes back, and nothing of it can be read', async () => {
  const codec = codecOf(young);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ minLength: 8 }), { maxLength: 5 }), async (texts) => {
      const encoded = await codec.encode(texts.map(payload));
      for (const [index, { data }] of encoded.entries())
        expect(Buffer.from(data ?? []).includes(Buffer.from(texts[index] ?? ''))).toBe(false);
      expect(value(await codec.decode(encoded))).toEqual(texts);
    }),
    { numRuns: 50 },
  );
});

test('the same payload looks different each time', async () => {
  const codec = codecOf(young);
  expect((await encrypted(codec, 'same')).data).not.toEqual((await encrypted(codec, 'same')).data);
});

test('a rotation: the new key encrypts, the old one still decrypts, until it is taken out', async () => {
  const before = await encrypted(codecOf(old), 'written before');
  const rotated = codecOf(young, old);
  const after = await encrypted(rotated, 'written after');
  expect(value(await rotated.decode([before, after]))).toEqual(['written before', 'written after']);
  expect(Buffer.from(after.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026-07');
  await expect(codecOf(young).decode([before])).rejects.toThrow(/the key "2026-01", which is not among/);
});

test('a key that is added while it runs is used at once', async () => {
  let lines = old;
  const codec = new EncryptionCodec(async () => parseKeyRing(lines));
  await encrypted(codec, 'x');
  lines = `${young}\n${old}`;
  expect(Buffer.from((await encrypted(codec, 'x')).metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026-07');
});

test.each([
  ['a byte of the nonce', 0],
  ['a byte of the text', 14],
  ['a byte of the tag', -1],
])('%s changed is noticed', async (_what, at) => {
  const codec = codecOf(young);
  const { data, ...rest } = await encrypted(codec, 'text');
  const changed = Buffer.from(data as Uint8Array);
  const index = at < 0 ? changed.length + at : at;
  changed[index] = (changed[index] as number) ^ 1;
  await expect(codec.decode([{ ...rest, data: changed }])).rejects.toThrow(/was changed/);
});

test('a payload cut short, and one that is given the name of another key, are noticed', async () => {
  const codec = codecOf(young, `twin ${young.split(' ')[1]}`);
  const whole = await encrypted(codec, 'text');
  await expect(codec.decode([{ ...whole, data: (whole.data as Uint8Array).subarray(0, 20) }])).rejects.toThrow(
    /changed/,
  );
  const renamed = { ...whole, metadata: { ...whole.metadata, 'encryption-key-id': Buffer.from('twin') } };
  await expect(codec.decode([renamed])).rejects.toThrow(/changed/);
});

test('what was written before there were keys stays readable', async () => {
  expect(value(await codecOf(young).decode([payload('plain')]))).toEqual(['plain']);
});

test.each([
  ['no key', '', /no key/],
  ['a short key', `a ${randomBytes(16).toString('base64')}`, /line 1/],
  ['no name', `${randomBytes(32).toString('base64')}`, /line 1/],
  ['a name twice', `${line('a')}\n${line('a')}`, /same name/],
])('%s is refused, and no secret is told', (_what, text, why) => {
  const read = () => parseKeyRing(text);
  expect(read).toThrow(why);
  for (const word of text.split(/\s+/).filter((part) => part.length > 10)) expect(read).not.toThrow(word);
});
