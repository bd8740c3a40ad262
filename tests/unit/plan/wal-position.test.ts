import { walBytes, walGap } from '../../../plan/wal-position.ts';

test('a position is a 64-bit number in two halves', () => {
  expect(walBytes('0/3000148')).toBe(0x3000148n);
  expect(walBytes('1/0')).toBe(0x100000000n);
  expect(walBytes('FFFFFFFF/FFFFFFFF')).toBe(0xffffffffffffffffn);
});

test.each(['', '0', '0/', '/1', '0/123456789', '0/G', '0/1 '])('%j is not a position', (text) => {
  expect(() => walBytes(text)).toThrow('is not a WAL position');
});

test('a gap is never negative, and unknown when either end is', () => {
  expect(walGap('1/0', '0/FFFFFFFF')).toBe(1);
  expect(walGap('0/1', '0/2')).toBe(0);
  expect(walGap(null, '0/2')).toBeNull();
  expect(walGap('0/2', null)).toBeNull();
});
