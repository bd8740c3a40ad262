import { confirmationOf, receivedBy } from '../../../guard/wal-stream.ts';

const wal = (from: bigint, bytes: number) => {
  const message = Buffer.alloc(25 + bytes);
  message.write('w');
  message.writeBigUInt64BE(from, 1);
  return message;
};

test('log has come as far as its last byte', () => {
  expect(receivedBy(wal(0x1_0000_0028n, 0x100))).toBe(0x1_0000_0128n);
});

test('a sign of life brings no log', () => {
  const alive = wal(0x1_0000_0028n, 0);
  alive.write('k');
  expect(receivedBy(alive)).toBeNull();
});

test('a confirmation is of one position, written, flushed and applied', () => {
  const message = confirmationOf(0x1_0000_0128n, Date.UTC(2000, 0, 1, 0, 0, 1));
  expect(message).toHaveLength(34);
  expect(message.toString('latin1', 0, 1)).toBe('r');
  expect([1, 9, 17].map((at) => message.readBigUInt64BE(at))).toEqual(Array(3).fill(0x1_0000_0128n));
  expect(message.readBigInt64BE(25)).toBe(1_000_000n);
  expect(message[33]).toBe(0);
});
