import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Step } from '../../../../activities/contract.ts';
import { streamActivities } from '../../../../activities/stream/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, stepOf, TO, wired } from '../../../support/activities/step.ts';

const { mirrorStream, promoteStream } = streamActivities(depsOf());

const otherWay = (step: Step): Step => ({ ...step, from: step.to, to: step.from });

describe('a stream that moves between two regions that are both well', () => {
  let lab: Lab;
  let there: Step;
  const connections: Record<string, NatsConnection> = {};

  const connectionTo = (region: string) => connections[region] as NatsConnection;
  const streamIn = async (region: string, name = 'ORDERS-MIRROR') =>
    (await jetstreamManager(connectionTo(region))).streams.info(name);
  const publish = (region: string, id: number) => jetstream(connectionTo(region)).publish(`orders.${id}`, `${id}`);

  beforeAll(async () => {
    lab = await startLab('stream-moves', ['stream']);
    const servers = (region: string) => {
      const { host, port } = lab.endpoint(`${region}/nats`);
      return { servers: [`${host}:${port}`], domain: region };
    };
    const regions = { [FROM]: servers(FROM), [TO]: servers(TO) };
    there = stepOf(wired('events', 'nats', { shared: { ...NAMES, subjects: ['orders.>'] }, regions }));
    for (const region of [FROM, TO]) connections[region] = await connect(servers(region));
    for (let id = 1; id <= 100; id++) await publish(FROM, id);
  }, 120_000);

  afterAll(async () => {
    for (const connection of Object.values(connections)) await connection.close();
    await lab?.down();
  });

  test('is promoted with all of its source, which becomes a mirror in its turn', async () => {
    expect(await attempt(mirrorStream, there)).toMatchObject({ changed: false });
    for (let id = 101; id <= 150; id++) await publish(FROM, id);
    expect(await attempt(promoteStream, { ...there, upToDate: true })).toMatchObject({ changed: true });
    expect((await streamIn(TO)).state.last_seq).toBe(150);

    expect(await attempt(mirrorStream, otherWay(there))).toMatchObject({ changed: true });
    expect(await attempt(mirrorStream, otherWay(there))).toMatchObject({ changed: false });
    expect((await streamIn(FROM)).config.mirror).toMatchObject({ name: 'ORDERS-MIRROR' });
    // What was there is kept, and takes nothing any more.
    expect((await streamIn(FROM, 'ORDERS')).state.messages).toBe(150);
    await publish(TO, 151);
    await eventually({ what: 'the mirror to follow', withinMs: 50_000 }, async () => {
      expect((await streamIn(FROM)).state.last_seq).toBe(151);
    });
  }, 120_000);

  test('moves back, and a former source is replaced once all of it is known to be elsewhere', async () => {
    const back = otherWay(there);
    expect(await attempt(promoteStream, { ...back, upToDate: true })).toMatchObject({ changed: true });
    await publish(FROM, 152);
    const mirrored = await attempt(mirrorStream, otherWay(back));
    expect(mirrored.detail).toMatch(/replaced a former source, all of whose 151 messages are in us-east-1/);
    expect((await streamIn(TO)).config.mirror).toMatchObject({ name: 'ORDERS-MIRROR' });
    expect((await streamIn(TO)).state).toMatchObject({ messages: 152, first_seq: 1, last_seq: 152 });
  }, 120_000);

  test('a former source that holds something of its own is left alone', async () => {
    await attempt(promoteStream, { ...there, upToDate: true });
    for (const id of [153, 154, 155]) await publish(TO, id);
    await expect(attempt(mirrorStream, there)).rejects.toMatchObject({
      type: 'FactsUnknown',
      message: expect.stringContaining('may not have'),
    });
    expect((await streamIn(TO)).state.last_seq).toBe(155);
  }, 120_000);
});

const NAMES = { stream: 'ORDERS', mirror: 'ORDERS-MIRROR' };
