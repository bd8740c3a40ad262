import { createTransport } from 'nodemailer';
import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** Takes what is meant for people, by HTTP and by SMTP. */
export const sink = (_: Shape, { site }: Placement): Service => ({
  name: `${site}/sink`,
  place: site,
  needs: [],
  tools: [],
  ports: { sink: 8090, smtp: 2525 },
  readyWithinMs: 30_000,
  programs: (context) => [nodeProgram(context, 'sink', 'lab/sink/main.ts')],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'sink')}/received` });
    await greet(host, known(ports, 'smtp'));
  },
});

async function greet(host: string, port: number): Promise<void> {
  const silenceMs = 2_000;
  const timeouts = { connectionTimeout: silenceMs, greetingTimeout: silenceMs, socketTimeout: silenceMs };
  const client = createTransport({ host, port, ignoreTLS: true, ...timeouts });
  try {
    await client.verify();
  } finally {
    client.close();
  }
}
