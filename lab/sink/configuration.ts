import { join } from 'node:path';
import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';

const Variables = z
  .object({ LAB_C_HOST: Host, LAB_SINK_PORT: Port, LAB_SMTP_PORT: Port, LAB_FOLDER: z.string().min(1) })
  .transform((env) => ({
    host: env.LAB_C_HOST,
    port: env.LAB_SINK_PORT,
    smtpPort: env.LAB_SMTP_PORT,
    file: join(env.LAB_FOLDER, 'third-place', 'sink', 'received.jsonl'),
  }));

export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/sink', Variables);
}
