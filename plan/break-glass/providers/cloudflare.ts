import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { lines, quoted, secretText } from '../shell.ts';
import type { Recorded } from '../standing.ts';
import { answers } from './dns.ts';

type Step = HandStep<'cloudflare'>;

const ENDPOINT = 'https://api.cloudflare.com/client/v4';

/** As captureDns records it: an entry for each value. */
interface State {
  records: { name: string; type: string; entries: { content: string; ttl: number; proxied: boolean }[] }[];
}

function api({ shared: { endpoint = ENDPOINT, tokenSecret } }: Step, path: string, ...options: string[]): string {
  const auth = `-H "Authorization: Bearer ${secretText(tokenSecret)}"`;
  return `curl --silent --show-error --fail-with-body ${auth} ${[...options, `"${endpoint}${path}"`].join(' ')}`;
}

const zoneId = (step: Step) =>
  `ZONE=$(${api(step, `/zones?name=${step.shared.zone}`)} | jq --raw-output '.result[0].id')`;

const entriesOf = (step: Step, name: string, type: string) =>
  api(step, `/zones/$ZONE/dns_records?name=${name}&type=${type}`);

/** Cloudflare has an entry, with an id, for each value: the n-th gets the n-th. All else of it stays. */
const move = (step: Step, name: string, type: string, entries: readonly object[]) =>
  entries
    .map((entry, index) =>
      [
        `RECORD=$(${entriesOf(step, name, type)} | jq --raw-output '.result[${index}].id')`,
        lines(
          api(step, '/zones/$ZONE/dns_records/$RECORD', '-X PATCH', "-H 'Content-Type: application/json'"),
          `--data ${quoted(JSON.stringify(entry))}`,
        ),
      ].join('\n'),
    )
    .join('\n');

function cutOver(step: Step): Instruction[] {
  const { shared, from, to } = step;
  const { values } = wiredIn(step, to);
  return [
    { say: `The zone \`${shared.zone}\` at Cloudflare.`, run: zoneId(step) },
    ...shared.records.map(({ name, type }) => ({
      say: `\`${name}\` ${type} ${before(step, name, type, from)} → **${values.join(', ')}**. Look, then move it; for fewer or more values than there are, add and remove entries.`,
      run: [
        entriesOf(step, name, type),
        move(
          step,
          name,
          type,
          values.map((content) => ({ content })),
        ),
      ].join('\n'),
    })),
    answers(
      shared.records.map((record) => ({ ...record, values })),
      shared.resolvers,
    ),
  ];
}

function before(step: Step, name: string, type: string, from: string): string {
  const found = (step.recorded?.state as State | undefined)?.records.find(
    (one) => one.name === name && one.type === type,
  );
  if (found !== undefined) return found.entries.map(({ content }) => content).join(', ') || 'nothing';
  return `${wiredIn(step, from).values.join(', ')} (by the plan)`;
}

function putBack(step: Step, { state }: Recorded): Instruction[] {
  const { records } = state as State;
  const recorded = records.map(({ name, type, entries }) => ({
    name,
    type,
    entries,
    values: entries.map(({ content }) => content),
  }));
  return [
    { say: `The zone \`${step.shared.zone}\` at Cloudflare.`, run: zoneId(step) },
    ...recorded.map(({ name, type, entries, values }) => ({
      say: `Put \`${name}\` ${type} back: **${values.join(', ') || 'there was none: delete it'}**.`,
      ...(entries.length > 0 && {
        run: move(
          step,
          name,
          type,
          entries.map(({ content, ttl, proxied }) => ({ content, ttl, proxied })),
        ),
      }),
    })),
    answers(recorded, step.shared.resolvers),
  ];
}

export const cloudflare: ByHand<'cloudflare'> = {
  tools: ['curl', 'jq', 'dig'],
  actions: { 'cut-over-dns': cutOver },
  putBack,
};
