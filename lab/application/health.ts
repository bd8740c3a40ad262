/** One dependency's answer. */
export interface Health {
  healthy: boolean;
  /** One sentence. */
  detail: string;
}

/** Asks one dependency. It answers what it saw, or throws. */
export type Probe = () => Promise<Health>;

/** Asks with a time limit; an error or silence is unhealthy, and says why. */
export async function ask(probe: Probe, timeoutMs: number): Promise<Health> {
  const silence = Promise.withResolvers<Health>();
  const timer = setTimeout(
    () => silence.resolve({ healthy: false, detail: `no answer within ${timeoutMs} ms` }),
    timeoutMs,
  );
  const answer = probe().catch((cause: Error) => ({ healthy: false, detail: cause.message || cause.name }));
  try {
    return await Promise.race([answer, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The region serves when orders can be taken; the other parts are told and do not decide. */
export function overall(parts: Record<string, Health>): boolean {
  return parts['api']?.healthy === true && parts['database']?.healthy === true;
}
