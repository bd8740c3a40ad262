import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { lines, quoted, secretText } from '../shell.ts';

type Step = HandStep<'clickhouse'>;

/** By ClickHouse's HTTP interface, which is what the wiring names. */
function query(step: Step, region: string, sql: string): string {
  const { user, passwordSecret } = step.shared;
  const password = passwordSecret === undefined ? '' : ` -H "X-ClickHouse-Key: ${secretText(passwordSecret)}"`;
  return lines(
    `curl --silent --show-error --fail ${quoted(wiredIn(step, region).url)} -H ${quoted(`X-ClickHouse-User: ${user}`)}${password}`,
    `--data-binary ${quoted(sql)}`,
  );
}

const name = (text: string) => `\`${text}\``;
const tables = ({ shared: { database, tables } }: Step) =>
  tables.map((table) => ({ table, named: `${name(database)}.${name(table)}` }));

const replicas = (step: Step, region: string) =>
  query(
    step,
    region,
    `SELECT table, is_readonly, is_session_expired, absolute_delay FROM system.replicas WHERE database = '${step.shared.database}' FORMAT Vertical`,
  );

const missing = (step: Step, region: string) =>
  query(
    step,
    region,
    `SELECT count() FROM system.replication_queue WHERE database = '${step.shared.database}' AND type = 'GET_PART' AND source_replica != replica_name`,
  );

function promote(step: Step): Instruction[] {
  const { to } = step;
  return [
    {
      say: `Let the replica in ${to} stop waiting for ${step.from}: ${tables(step)
        .map(({ table }) => `\`${table}\``)
        .join(', ')}. Repeating it changes nothing.`,
      run: tables(step)
        .map(({ named }) => query(step, to, `SYSTEM STOP FETCHES ${named}`))
        .join('\n'),
    },
    { say: '`is_readonly` must be 0; wait for it.', run: replicas(step, to) },
  ];
}

const fetchAgain = (step: Step, region: string): Instruction => ({
  say: `Let the replica in ${region} fetch from others again, and wait until it lacks nothing (0).`,
  run: [
    ...tables(step).map(({ named }) => query(step, region, `SYSTEM START FETCHES ${named}`)),
    missing(step, region),
  ].join('\n'),
});

export const clickhouse: ByHand<'clickhouse'> = {
  tools: ['curl'],
  actions: {
    'promote-analytics': promote,
    'rejoin-analytics': (step) => [fetchAgain(step, step.to), fetchAgain(step, step.from)],
  },
  putBack: (step) => [fetchAgain(step, step.to)],
};
