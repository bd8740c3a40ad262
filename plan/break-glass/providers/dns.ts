import type { Instruction } from '../instruction.ts';
import { quoted } from '../shell.ts';

/** Asks the servers that clients ask, or the system's own, what the names answer now. */
export function answers(
  records: readonly { name: string; type: string; values: readonly string[] }[],
  resolvers: readonly string[],
): Instruction {
  const servers = resolvers.length === 0 ? [''] : resolvers.map(serverOption);
  return {
    say: `The answer must be ${[...new Set(records.flatMap(({ values }) => values))].join(', ')}; resolvers keep the old one for its TTL.`,
    run: records.flatMap(({ name, type }) => servers.map((at) => `dig +short ${quoted(name)} ${type}${at}`)).join('\n'),
  };
}

function serverOption(resolver: string): string {
  const at = resolver.lastIndexOf(':');
  return ` @${resolver.slice(0, at)} -p ${resolver.slice(at + 1)}`;
}
