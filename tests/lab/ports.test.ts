import { createServer } from 'node:net';
import { allotPorts } from '../../lab/ports.ts';

const HOST = '127.0.250.10';
const OTHER = '127.0.250.20';

test('the preferred port is given when it is free', async () => {
  await expect(allotPorts([{ name: 'a', preferred: 41_001, hosts: [HOST, OTHER] }])).resolves.toEqual({ a: 41_001 });
});

test('a port that is taken on one of the addresses is replaced by one that is free on all', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(41_002, OTHER, resolve));
  const { a } = await allotPorts([{ name: 'a', preferred: 41_002, hosts: [HOST, OTHER] }]);
  await new Promise((resolve) => server.close(resolve));
  expect(a).not.toBe(41_002);
  expect(a).toBeGreaterThan(0);
});

test('no two names get the same number', async () => {
  const requests = ['a', 'b', 'c'].map((name) => ({ name, preferred: 41_003, hosts: [HOST] }));
  expect(new Set(Object.values(await allotPorts(requests))).size).toBe(3);
});
