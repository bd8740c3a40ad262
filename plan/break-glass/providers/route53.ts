import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { aws, lines, quoted } from '../shell.ts';
import type { Recorded } from '../standing.ts';
import { answers } from './dns.ts';

type Step = HandStep<'route53'>;

interface DnsRecord {
  name: string;
  type: string;
  ttlSeconds: number;
  values: string[];
}

/** As captureDns records it. */
interface State {
  records: DnsRecord[];
}

const zoneId = ({ shared: { aws: where, zone } }: Step) =>
  `ZONE=$(${lines(
    `${aws('route53 list-hosted-zones-by-name', where)} --dns-name ${quoted(zone)}`,
    `--query ${quoted(`HostedZones[?Name=='${zone}.'].Id | [0]`)} --output text`,
  )})`;

const rooted = (name: string) => `${name.replace(/\.$/, '')}.`;

function look(step: Step, { name, type }: DnsRecord): string {
  const query = `ResourceRecordSets[?Name=='${rooted(name)}' && Type=='${type}']`;
  return lines(
    `${aws('route53 list-resource-record-sets', step.shared.aws)} --hosted-zone-id "$ZONE"`,
    `--query ${quoted(query)}`,
  );
}

function upsert(step: Step, records: readonly DnsRecord[]): string {
  const { workflowId, runId } = step.recovery;
  const batch = {
    Comment: `by hand, in place of ${workflowId}/${runId}`,
    Changes: records.map(({ name, type, ttlSeconds, values }) => ({
      Action: 'UPSERT',
      ResourceRecordSet: {
        Name: rooted(name),
        Type: type,
        TTL: ttlSeconds,
        ResourceRecords: values.map((Value) => ({ Value })),
      },
    })),
  };
  return lines(
    `${aws('route53 change-resource-record-sets', step.shared.aws)} --hosted-zone-id "$ZONE"`,
    `--change-batch ${quoted(JSON.stringify(batch))}`,
  );
}

function cutOver(step: Step): Instruction[] {
  const { from, to, shared } = step;
  const { values } = wiredIn(step, to);
  const records = shared.records.map(({ name, type, ttl }) => ({ name, type, ttlSeconds: ttl, values }));
  const moves = records.map(
    (record) =>
      `\`${record.name}\` ${record.type} ${before(step, record, from)} → **${values.join(', ')}**, TTL ${record.ttlSeconds} s`,
  );
  return [
    {
      say: `Zone \`${shared.zone}\`: ${moves.join('; ')}. Look first; a record that answers ${values.join(', ')} is moved already.`,
      run: [zoneId(step), ...records.map((record) => look(step, record))].join('\n'),
    },
    { say: 'Move them, all in one change.', run: upsert(step, records) },
    answers(records, shared.resolvers),
  ];
}

/** What was recorded, or else what the plan's wiring says of the region that is left. */
function before(step: Step, { name, type }: DnsRecord, from: string): string {
  const found = (step.recorded?.state as State | undefined)?.records.find(
    (one) => one.name === name && one.type === type,
  );
  if (found !== undefined) return found.values.join(', ') || 'nothing';
  return `${wiredIn(step, from).values.join(', ')} (by the plan)`;
}

function putBack(step: Step, { state }: Recorded): Instruction[] {
  const { records } = state as State;
  const there = records.filter(({ values }) => values.length > 0);
  const made = records.filter(({ values }) => values.length === 0);
  return [
    {
      say: `Put the records of \`${step.shared.zone}\` back: ${there.map(({ name, type, values, ttlSeconds }) => `\`${name}\` ${type} **${values.join(', ')}**, TTL ${ttlSeconds} s`).join('; ') || 'there were none'}.`,
      ...(there.length > 0 && { run: [zoneId(step), upsert(step, there)].join('\n') }),
    },
    ...made.map(({ name, type }) => ({ say: `\`${name}\` ${type} did not exist before: delete it.` })),
    answers(there, step.shared.resolvers),
  ];
}

export const route53: ByHand<'route53'> = { tools: ['aws', 'dig'], actions: { 'cut-over-dns': cutOver }, putBack };
