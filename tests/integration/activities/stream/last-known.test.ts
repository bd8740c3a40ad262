import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { componentFacts } from '../../../../activities/observe/components.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { streamRemarks } from '../../../../plan/stream-remarks.ts';
import { awsEndpoint, startLab } from '../../../support/activities/lab.ts';
import { depsOf, FROM, TO, wired } from '../../../support/activities/step.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab('last-known', ['stream', 'bucket']);
}, 120_000);

afterAll(() => lab?.down());

const server = (region: string) => {
  const { host, port } = lab.endpoint(`${region}/nats`);
  return `${host}:${port}`;
};

/** What an observation of streams reads of a plan. */
function plan(): RecoveryPlan {
  const events = wired('events', 'nats', {
    shared: { stream: 'ORDERS', mirror: 'ORDERS-MIRROR', subjects: ['orders.>'] },
    regions: { [FROM]: { servers: [server(FROM)] }, [TO]: { servers: [server(TO)] } },
  });
  const evidence = { bucket: 'lifeboat', prefix: 'evidence/', region: 'us-east-2', endpoint: awsEndpoint(lab) };
  return { system: 'teei-csr', components: { events }, evidence } as unknown as RecoveryPlan;
}

async function remarks(): Promise<string[]> {
  const seen = await Promise.all([FROM, TO].map((region) => componentFacts(plan(), region, depsOf())));
  return streamRemarks({ from: FROM, to: TO, components: seen.flat() });
}

test('what was purged at the source, and its durable consumers, are named after its region died', async () => {
  const primary = await connect({ servers: server(FROM) });
  const manager = await jetstreamManager(primary);
  for (let id = 1; id <= 100; id++) await jetstream(primary).publish(`orders.${id}`, `order ${id}`);
  await manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: AckPolicy.Explicit });
  const consumer = await jetstream(primary).consumers.get('ORDERS', 'billing');
  for (let id = 1; id <= 80; id++) await (await consumer.next())?.ackAck();
  const standby = await connect({ servers: server(TO) });
  await eventually({ what: 'the mirror to catch up', withinMs: 50_000 }, async () => {
    const { state } = await (await jetstreamManager(standby)).streams.info('ORDERS-MIRROR');
    expect(state.last_seq).toBe(100);
  });
  await manager.streams.purge('ORDERS', { seq: 51 });
  await manager.streams.deleteMessage('ORDERS', 60);
  await Promise.all([primary.close(), standby.close()]);

  const expected = [
    expect.stringMatching(
      /durable consumers of ORDERS in us-east-1 are not mirrored.*billing \(acknowledged up to 80\)/,
    ),
    expect.stringMatching(/^50 messages, sequences 1 to 50, were deleted in us-east-1 .* purge it up to 51$/),
    expect.stringMatching(/^1 single messages were deleted/),
  ];
  expect(await remarks()).toEqual(expected);
  expect(lab.signal(`${FROM}/nats`, 'SIGKILL')).toBeGreaterThan(0);
  expect(await remarks()).toEqual(expected);
}, 120_000);
