import type { ComponentFacts, Facts, StreamFacts } from './facts.ts';

type Seen = Pick<Facts, 'from' | 'to' | 'components'>;

/**
 * What a mirror does not take from its source, one readable sentence each with the remedy: consumers, and that messages were
 * deleted. Of a source that is dead, as it was last seen.
 *
 * @param component this stream alone; every one when absent
 */
export function streamRemarks({ from, to, components = [] }: Seen, component?: string): string[] {
  const streams = components.filter(({ kind }) => kind === 'stream');
  return streams.flatMap((source) => {
    if (source.region !== from || (component !== undefined && source.component !== component)) return [];
    const mirror = streams.find((each) => each.component === source.component && each.region === to);
    return remarksOf(source, mirror?.stream, { from, to });
  });
}

function remarksOf({ component, stream }: ComponentFacts, mirror: StreamFacts | undefined, { from, to }: Seen) {
  if (stream === undefined) {
    if (mirror === undefined) return [];
    return [`${component}: which consumers and deletions ${from} had was never seen; neither is in ${to}`];
  }
  const seen = `as of ${stream.seenAt}`;
  const consumers = stream.consumers.map(({ name, acknowledged }) => `${name} (acknowledged up to ${acknowledged})`);
  const missing =
    consumers.length === 0
      ? []
      : [
          `durable consumers of ${stream.name} in ${from} are not mirrored, ${seen}: ${consumers.join(', ')}. ` +
            `Create each in ${to}, to begin after the message that it had acknowledged`,
        ];
  return [...missing, ...deletions(stream, mirror, { from, to })];
}

/** Purges and deletions are no messages: what a mirror has, it keeps. */
function deletions(stream: StreamFacts, mirror: StreamFacts | undefined, { from, to }: Seen): string[] {
  if (mirror === undefined) return [];
  const end = Math.min(stream.firstSequence - 1, mirror.lastSequence);
  const purged = end - mirror.firstSequence + 1;
  const single = stream.deleted - mirror.deleted;
  const where = `deleted in ${from} by ${stream.seenAt} and still in ${mirror.name} in ${to}`;
  return [
    ...(purged > 0
      ? [`${purged} messages, sequences ${mirror.firstSequence} to ${end}, were ${where}: purge it up to ${end + 1}`]
      : []),
    ...(single > 0 ? [`${single} single messages were ${where}: delete those there, too`] : []),
  ];
}
