import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { up } from '../../../../lab/lab.ts';

/**
 * Records what the lab's Alertmanager posts, to the byte: a region's metrics are there, gone, and there again, as its
 * Prometheus sees them. Run it again when the lab's Alertmanager has another version:
 * `node tests/support/starter/webhooks/record-alertmanager.ts`
 */
const FOLDER = join(import.meta.dirname, '../../../fixtures/webhooks');

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<Server> {
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** The next body that is posted; the scrapes of Prometheus between are answered. */
async function posted(server: Server): Promise<string> {
  for (;;) {
    const [request, answer] = await once(server, 'request');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    answer.end();
    if (request.method === 'POST') return Buffer.concat(parts).toString('utf8');
  }
}

const lab = await up({ name: `record-${process.pid}`, only: ['third-place/prometheus', 'third-place/alertmanager'] });
try {
  const gateway = await listen(createServer(), lab.endpoint('third-place/gateway'));
  const metrics = () => createServer((_, answer) => answer.end('there 1\n'));
  const region = await listen(metrics(), lab.endpoint('us-east-1/application'));
  // Seen at least once, or it would be a region that never was there.
  await once(region, 'request');
  await once(region, 'request');
  region.close();
  region.closeAllConnections();
  await writeFile(join(FOLDER, 'alertmanager-firing.body'), await posted(gateway));
  const back = await listen(metrics(), lab.endpoint('us-east-1/application'));
  await writeFile(join(FOLDER, 'alertmanager-resolved.body'), await posted(gateway));
  for (const server of [back, gateway]) {
    server.close();
    server.closeAllConnections();
  }
} finally {
  await lab.down();
}
