import { plainName, sameValues } from '../../../../activities/dns/record.ts';

test.each([
  ['API.Example.com.', 'api.example.com'],
  ['\\052.example.com.', '*.example.com'],
  ['example.com', 'example.com'],
])('%s is %s', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});

test.each([
  ['A', ['10.0.0.1', '10.0.0.2'], ['10.0.0.2', '10.0.0.1'], true],
  ['A', ['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], false],
  ['A', [], ['10.0.0.1'], false],
  ['A', [], [], true],
  ['AAAA', ['2001:DB8:0:0:0:0:0:1'], ['2001:db8::1'], true],
  ['AAAA', ['2001:db8::1'], ['2001:db8::2'], false],
  ['CNAME', ['LB.example.com.'], ['lb.example.com'], true],
  ['CNAME', ['lb.example.com'], ['lb.example.net'], false],
] as const)('%s: %j and %j are the same: %s', (type, some, others, same) => {
  expect(sameValues(type, some, others)).toBe(same);
});
