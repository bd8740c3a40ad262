import { createServer } from 'node:net';
import { allotPorts } from '../../../lab/ports.ts';

const HOST = '127.0.250.10';
const OTHER = '127.0.250.20';
/** Below those that the kernel gives to anybody who asks for any. */
const PORT = 21_001;

test('the preferred port is given when it is free', async () => {
  await expect(allotPorts([{ name: 'a', preferred: PORT, hosts: [HOST, OTHER] }])).resolves.toEqual({ a: PORT });
});

test('a port that is taken on one of the addresses is replaced by one that is free on all', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(PORT, OTHER, resolve));
  const { a } = await allotPorts([{ name: 'a', preferred: PORT, hosts: [HOST, OTHER] }]);
  await new Promise((resolve) => server.close(resolve));
  expect(a).not.toBe(PORT);
  expect(a).toBeGreaterThan(0);
});

test('no two names get the same number', async () => {
  const requests = ['a', 'b', 'c'].map((name) => ({ name, preferred: PORT, hosts: [HOST] }));
  expect(new Set(Object.values(await allotPorts(requests))).size).toBe(3);
});
