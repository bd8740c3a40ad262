import { connect } from 'node:net';

/** Sends a line and answers the first bytes that come back; throws after two seconds of silence. */
export function tcpAsk(host: string, port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(line));
    socket.setTimeout(2_000, () => socket.destroy(new Error(`${host}:${port} is silent`)));
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${host}:${port} hangs up`)));
  });
}
