import { addressOf, closeClient, openClient, usesDefaultAddress } from '../../../starter/client.ts';

const before = process.env['TEMPORAL_ADDRESS'];
afterEach(() => {
  if (before === undefined) delete process.env['TEMPORAL_ADDRESS'];
  else process.env['TEMPORAL_ADDRESS'] = before;
});

test.each(['localhost:abc', 'http://:7233', ':7233', ''])(
  '"%s" is no address, which is said and exits with 3',
  (address) => {
    process.env['TEMPORAL_ADDRESS'] = address;
    expect(() => openClient()).toThrow(
      expect.objectContaining({
        message: `TEMPORAL_ADDRESS is "${address}", which is no address: expected host:port, e.g. 127.0.0.1:7233`,
        exitCode: 3,
      }),
    );
  },
);

test('a name without a port has the usual one', async () => {
  process.env['TEMPORAL_ADDRESS'] = 'temporal.lab.test';
  const client = openClient();
  expect([addressOf(client), usesDefaultAddress()]).toEqual(['temporal.lab.test:7233', false]);
  await closeClient(client);
});

test('without an address it is known that the default is used', () => {
  delete process.env['TEMPORAL_ADDRESS'];
  expect(usesDefaultAddress()).toBe(true);
});
