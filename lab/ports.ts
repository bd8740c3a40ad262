import { createServer } from 'node:net';

/** A port name with the number it would like and the addresses it must be free on. */
export interface PortRequest {
  name: string;
  preferred: number;
  hosts: string[];
}

/** Gives every request a number that is free on all its addresses: the preferred one if possible. */
export async function allotPorts(requests: readonly PortRequest[]): Promise<Record<string, number>> {
  const allotted: Record<string, number> = {};
  for (const request of requests) allotted[request.name] = await allot(request, new Set(Object.values(allotted)));
  return allotted;
}

async function allot({ name, preferred, hosts }: PortRequest, taken: Set<number>): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = attempt === 0 ? preferred : await anyPort(hosts[0] ?? '127.0.0.1');
    if (taken.has(port)) continue;
    const free = await Promise.all(hosts.map((host) => isFree(host, port)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no port for ${name} is free on ${hosts.join(' and ')}`);
}

async function isFree(host: string, port: number): Promise<boolean> {
  try {
    await bind(host, port);
    return true;
  } catch {
    return false;
  }
}

function anyPort(host: string): Promise<number> {
  return bind(host, 0);
}

/** Binds and lets go again; answers the port. */
function bind(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
