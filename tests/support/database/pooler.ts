import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** Listens on a free port of `host` and gives each session, with its first message, to `serve`. */
export async function listenAsPooler(host: string, serve: (client: Socket, startup: Buffer) => void): Promise<Pooler> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => {}).on('close', () => clients.delete(client));
    client.once('data', (startup) => serve(client, startup));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: portOf(server), close: () => closed(server, clients) };
}

export interface Pooler {
  port: number;
  close(): Promise<void>;
}

const portOf = (server: Server) => (server.address() as { port: number }).port;

async function closed(server: Server, clients: Set<Socket>): Promise<void> {
  for (const client of clients) client.destroy();
  await new Promise((resolve) => server.close(resolve));
}

/** Refuses every session as PgBouncer does. */
export function refuseWith(message: string, sqlState = '08P01'): (client: Socket) => void {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`);
  return (client) => client.end(framed('E', fields));
}

function framed(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** Passes sessions on to a server, without the startup parameters but user and database: `ignore_startup_parameters`. */
export function ignoreParameters(host: string, port: number): (client: Socket, startup: Buffer) => void {
  return (client, startup) => {
    const server = createConnection({ host, port });
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    server.write(withoutParameters(startup));
    client.pipe(server).pipe(client);
  };
}

/** Length, protocol version, then names and values, each ended by a zero byte. */
function withoutParameters(startup: Buffer): Buffer {
  const words = startup.subarray(8).toString('utf8').split('\0');
  const kept = words.flatMap((name, at) =>
    at % 2 === 0 && ['user', 'database'].includes(name) ? [name, words[at + 1] ?? ''] : [],
  );
  const body = Buffer.concat([startup.subarray(4, 8), Buffer.from(`${kept.join('\0')}\0\0`)]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}
