import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from './choice.ts';

const SILENCE_MS = 1_000;

/** How a DNS question ends that got no answer. */
const CODES: Record<Kind, string> = {
  unsent: 'ECONNREFUSED',
  unanswered: 'ETIMEOUT',
  silent: 'ETIMEOUT',
  refused: 'ESERVFAIL',
};

const QUESTIONS = ['resolve', 'resolve4', 'resolve6'] as const;

type Question = (this: Resolver, name: string, ...more: unknown[]) => Promise<unknown>;

/**
 * Makes DNS questions of this process fail as `onQuestion` says.
 *
 * @returns undoes it
 */
export function breakResolvers(onQuestion: (name: string) => Kind | null): () => void {
  const known = Resolver.prototype as unknown as Record<string, Question>;
  const originals = QUESTIONS.map((name) => [name, known[name] as Question] as const);
  for (const [name, original] of originals) {
    known[name] = async function (host, ...more) {
      const kind = onQuestion(`DNS ${host}`);
      if (kind === null) return await original.call(this, host, ...more);
      if (CODES[kind] === 'ETIMEOUT') await sleep(SILENCE_MS);
      throw Object.assign(new Error(`${name} ${CODES[kind]} ${host}`), { code: CODES[kind], hostname: host });
    };
  }
  return () => {
    for (const [name, original] of originals) known[name] = original;
  };
}
