import { milliseconds } from '../../duration.ts';
import type { WiredComponent } from '../../recovery-plan.ts';
import type { Wiring } from '../../wiring/index.ts';
import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { aws, lines, quoted, secret } from '../shell.ts';

type Step = HandStep<'postgres-streaming'>;
type Lease = NonNullable<Step['shared']['lease']>;

/** psql on a region's server, whatever it is just now. */
function psql(step: Pick<Step, 'component' | 'shared' | 'regions'>, region: string, sql: string): string {
  const { host, port } = wiredIn(step as Step, region);
  const { user, database, tls, passwordSecret } = step.shared;
  const where = `host=${host} port=${port} user=${user} dbname=${database} sslmode=${tls} connect_timeout=5`;
  return lines(
    `PGPASSWORD=${secret(passwordSecret)} psql ${quoted(where)}`,
    `--no-psqlrc --tuples-only --no-align --command ${quoted(sql)}`,
  );
}

/** psql on the database of another component's wiring, for those that are filled from it. */
export function psqlOn({ name, wiring }: WiredComponent, region: string, sql: string): string {
  const { shared, regions } = wiring as Wiring<'postgres-streaming'>;
  return psql({ component: name, shared, regions }, region, sql);
}

const object = ({ bucket, key }: Lease, suffix = '') => `--bucket ${quoted(bucket)} --key ${quoted(`${key}${suffix}`)}`;

const readLease = (lease: Lease) =>
  lines(
    `${aws('s3api get-object', lease.aws)} ${object(lease)}`,
    '--query ETag --output text lease.json > lease.etag && cat lease.json',
  );

/** Reads, edits and writes the lease; S3 refuses the write when somebody else was quicker. */
const editLease = (lease: Lease, program: string) =>
  [
    `${lines(`${aws('s3api get-object', lease.aws)} ${object(lease)}`, '--query ETag --output text lease.json > lease.etag')} &&`,
    `jq ${quoted(program)} lease.json > lease-new.json &&`,
    lines(
      `${aws('s3api put-object', lease.aws)} ${object(lease)}`,
      '--if-match "$(cat lease.etag)" --content-type application/json --body lease-new.json',
    ),
  ].join('\n');

const AGAIN = 'After `PreconditionFailed` the holder has renewed in between: run it again until it succeeds.';

/** What the lease says once `to` has it from `from` on behalf of this recovery; see activities/lease/lease.ts. */
function takeProgram({ recovery }: Step, lease: Lease, from: string, to: string): string {
  const { workflowId, runId, epoch } = recovery;
  const next = [
    `holder: ${JSON.stringify(to)}, epoch: ${epoch}, recovery: ${JSON.stringify(`${workflowId}/${runId}`)}`,
    `renewedAt: (now | todate), ttlMs: ${milliseconds(lease.ttl)}`,
    'walPosition: null, timeline: null, synchronousStandbys: null, parameters: null, final: null, handOver: null',
    'previous: del(.epoch, .recovery, .previous, .handOver)',
  ];
  return lines2([
    `if .epoch > ${epoch} then error("a later recovery has the lease: stop")`,
    `elif .holder != ${JSON.stringify(from)} then error("the lease names " + .holder + " already")`,
    `else {${next.join(', ')}} end`,
  ]);
}

const lines2 = (parts: readonly string[]) => parts.join('\n  ');

function fence(step: Step, from: string, to: string): Instruction[] {
  const { lease } = step.shared;
  if (lease === undefined) {
    const say =
      `**Fence ${from}.** No lease is configured, so nothing fences it but you: power its database host off, or cut its ` +
      `port off from every client, and have that confirmed by whoever did it. Without proof, the risk of two writers is ` +
      `for those to take who may approve.`;
    return [{ say }];
  }
  const waitSeconds = Math.ceil((milliseconds(lease.ttl) + milliseconds(lease.clockSkew)) / 1000) + 1;
  return [
    {
      say: `**Fence ${from} first**: take its lease. Look who has it. If it names ${to} for \`${step.recovery.workflowId}/${step.recovery.runId}\`, it is taken: go on to the wait.`,
      run: readLease(lease),
    },
    { say: `If it names ${from}: take it. ${AGAIN}`, run: editLease(lease, takeProgram(step, lease, from, to)) },
    {
      say: `Wait until the right of ${from} to write has ended: ${lease.ttl}, and ${lease.clockSkew} that clocks may differ. Not shorter. (When \`previous.final\` in the lease is not null, it has stopped in order and there is nothing to wait for.)`,
      run: `sleep ${waitSeconds}`,
    },
  ];
}

/** A server that answers `f` takes writes. */
const ROLE = 'select pg_is_in_recovery()';

const proveStopped = (step: Step, region: string): Instruction => ({
  say: `**Prove it.** This must fail to connect, or answer \`t\`. \`f\` means that ${region} takes writes: stop here.`,
  run: psql(step, region, ROLE),
});

const showWrites = (step: Step, region: string): Instruction => ({
  say: `${region} must answer \`f\`, and take a write.`,
  run: psql(step, region, `${ROLE}; update lifeboat.heartbeat set at = clock_timestamp()`),
});

function promote(step: Step): Instruction[] {
  const { from, to } = step;
  const behind =
    'select pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), now() - pg_last_xact_replay_timestamp()';
  return [
    ...fence(step, from, to),
    proveStopped(step, from),
    {
      say: `Look at ${to}. \`t\` first: a standby; the last figure is how far it is behind at most, which is what will be lost. \`f\`: it is promoted already.`,
      run: psql(step, to, behind),
    },
    {
      say: `Promote ${to}. **There is no way back without losing writes from here on.** It answers \`t\`.`,
      run: psql(step, to, 'select pg_promote(wait => true)'),
    },
    showWrites(step, to),
  ];
}

function handOver(step: Step): Instruction[] {
  const { from, to } = step;
  const { lease } = step.shared;
  if (lease === undefined) return [{ say: `Stop PostgreSQL in ${from} in order (\`pg_ctl stop --mode fast\`).` }];
  const { workflowId, runId, epoch } = step.recovery;
  const asked = JSON.stringify({ recovery: `${workflowId}/${runId}`, epoch });
  return [
    {
      say: `Ask the guard of ${from}, by the lease, to stop PostgreSQL in order. Clients wait from here on. ${AGAIN}`,
      run: editLease(lease, `.handOver = ${asked}`),
    },
    {
      say: `Wait until \`final\` is not null: ${from} has stopped, and its log ended at \`final.walPosition\`.`,
      run: readLease(lease),
    },
    {
      say: `Wait until ${to} has replayed that very position (put it in place of \`0/0\`): \`t\`.`,
      run: psql(step, to, "select pg_last_wal_replay_lsn() >= '0/0'"),
    },
    {
      say: `To give up instead: withdraw it, and ${from} takes writes again.`,
      run: editLease(lease, '.handOver = null | .final = null'),
    },
  ];
}

/** The guard in `region` makes its database a standby of the one in `primary`. */
function rebuild(step: Step, region: string, primary: string): Instruction[] {
  const { lease } = step.shared;
  if (lease === undefined) return [{ say: `Make the database in ${region} a standby of ${primary} (pg_basebackup).` }];
  const { workflowId, runId, epoch } = step.recovery;
  const asked = { primary, recovery: `${workflowId}/${runId}`, epoch, way: 'least', state: 'asked', detail: 'by hand' };
  const at = object(lease, `.rebuild-${region}`);
  const put = lines(
    `${aws('s3api put-object', lease.aws)} ${at}`,
    '--content-type application/json --body rebuild.json',
  );
  return [
    {
      say: `Ask the guard of ${region} to make its database a standby of ${primary}. It does so only while the lease names ${primary}; the data from before is kept beside. For a whole copy, say \`copy\` in place of \`least\`.`,
      run: `jq --null-input ${quoted(`${JSON.stringify(asked)} + {at: (now | todate)}`)} > rebuild.json &&\n${put}`,
    },
    {
      say: 'Wait until `state` is `done`.',
      run: `${aws('s3api get-object', lease.aws)} ${at} rebuild.json > /dev/null && cat rebuild.json`,
    },
    {
      say: `It streams when ${primary} lists it.`,
      run: psql(step, primary, 'select application_name, state, replay_lsn from pg_stat_replication'),
    },
  ];
}

/** Before the promotion nothing has to be given back but the lease; after it, writes are lost. */
function giveBack(step: Step): Instruction[] {
  const { from, to } = step;
  const { lease } = step.shared;
  const loses =
    `**This loses every write that ${to} has taken since its promotion**, unless ${from} follows it as a standby by now: ` +
    `then hand over from ${to} to ${from} as a planned move does, and lose nothing. Those who may approve decide.`;
  if (lease === undefined) return [{ say: `${loses} Fence ${to}, prove it, then start PostgreSQL in ${from}.` }];
  return [
    { say: loses },
    ...fence(step, to, from),
    proveStopped(step, to),
    { ...showWrites(step, from), say: `The guard of ${from} starts it. ${showWrites(step, from).say}` },
  ];
}

export const postgresStreaming: ByHand<'postgres-streaming'> = {
  tools: ['psql', 'aws', 'jq'],
  actions: {
    'promote-database': promote,
    'hand-over-database': handOver,
    'rebuild-standby': (step) => rebuild(step, step.to, step.from),
    'rebuild-old-primary': (step) => rebuild(step, step.from, step.to),
  },
  putBack: giveBack,
};
