import { z } from 'zod';
import { HostPort, SecretName } from './common.ts';

/** A JetStream stream in one region and a mirror of it in the other. */
export const shared = z.strictObject({
  /** Name of the stream where it is the source. */
  stream: z.string(),
  /** Name of the mirror in the standby region. */
  mirror: z.string(),
  /** Subjects that the source takes, and the mirror after its promotion. */
  subjects: z.array(z.string()).min(1),
  credentialsSecret: SecretName.optional(),
});

export const region = z.strictObject({
  servers: z.array(HostPort).min(1),
  /** The region's JetStream domain, where it has one: by it the other region reaches the stream to mirror it. */
  domain: z.string().optional(),
});
