import { jetstream, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { streamActivities } from '../../../../activities/stream/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, stepOf, TO, wired } from '../../../support/activities/step.ts';

const { captureStream, promoteStream, restoreStream } = streamActivities(depsOf());

describe('NATS', () => {
  let lab: Lab;
  let standby: NatsConnection;

  const server = (region: string) => {
    const { host, port } = lab.endpoint(`${region}/nats`);
    return `${host}:${port}`;
  };
  const step = (mirror = 'ORDERS-MIRROR') =>
    stepOf(
      wired('events', 'nats', {
        shared: { stream: 'ORDERS', mirror, subjects: ['orders.>'] },
        regions: { [FROM]: { servers: [server(FROM)] }, [TO]: { servers: [server(TO)] } },
      }),
    );
  const look = async (): Promise<StreamInfo> => (await jetstreamManager(standby)).streams.info('ORDERS-MIRROR');

  beforeAll(async () => {
    lab = await startLab('stream', ['stream']);
    standby = await connect({ servers: server(TO) });
    const primary = await connect({ servers: server(FROM) });
    for (let id = 1; id <= 100; id++) await jetstream(primary).publish(`orders.${id}`, `order ${id}`);
    await primary.close();
    await eventually({ what: 'the mirror to catch up', withinMs: 50_000 }, async () => {
      expect((await look()).state.messages).toBe(100);
    });
  }, 120_000);

  afterAll(async () => {
    await standby?.close();
    await lab?.down();
  });

  test('captures a mirror', async () => {
    const snapshot = await attempt(captureStream, step());
    expect(snapshot.state).toMatchObject({ mirror: { name: 'ORDERS' }, subjects: [], lastSequence: 100 });
    expect(snapshot.detail).toBe('ORDERS-MIRROR mirrors ORDERS: 100 messages, last sequence 100');
  });

  test('refuses a mirror that is not there', async () => {
    await expect(attempt(promoteStream, step('NONE'))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: `events: there is no stream "NONE" in ${TO}`,
    });
  });

  test('goes back to a mirror while its source is there and it has taken nothing of its own', async () => {
    const snapshot = await attempt(captureStream, step());
    await attempt(promoteStream, step());
    expect((await look()).config.mirror).toBeUndefined();
    expect(await attempt(restoreStream, { ...step(), snapshot })).toEqual({
      changed: true,
      detail: 'ORDERS-MIRROR mirrors ORDERS again: it had nothing of its own',
    });
    await eventually({ what: 'the mirror to catch up', withinMs: 50_000 }, async () => {
      expect((await look()).state.messages).toBe(100);
    });
    expect(await attempt(restoreStream, { ...step(), snapshot })).toMatchObject({ changed: false });
    // A worker that died between the two.
    await (await jetstreamManager(standby)).streams.delete('ORDERS-MIRROR');
    expect(await attempt(restoreStream, { ...step(), snapshot })).toMatchObject({ changed: true });
    expect((await look()).config.mirror).toMatchObject({ name: 'ORDERS' });
    await eventually({ what: 'the mirror to catch up', withinMs: 50_000 }, async () => {
      expect((await look()).state.messages).toBe(100);
    });
  }, 120_000);

  test('promotes with the other region dead, keeps every message, takes new ones, and goes back as far as it can', async () => {
    const snapshot = await attempt(captureStream, step());
    expect(lab.signal(`${FROM}/nats`, 'SIGKILL')).toBeGreaterThan(0);

    const promoted = await attempt(promoteStream, step());
    expect(promoted.changed).toBe(true);
    expect(promoted.detail).toMatch(
      /^ORDERS-MIRROR takes orders\.> and kept 100 messages, last sequence 100; up to date when it last heard of its source, [\d.]+ s ago$/,
    );
    const first = await (await jetstreamManager(standby)).streams.getMessage('ORDERS-MIRROR', { seq: 1 });
    expect(first?.string()).toBe('order 1');
    const published = await jetstream(standby).publish('orders.101', 'order 101');
    expect(published).toMatchObject({ stream: 'ORDERS-MIRROR', seq: 101 });

    expect(await attempt(promoteStream, step())).toEqual({
      changed: false,
      detail: 'ORDERS-MIRROR takes orders.> already: 101 messages, last sequence 101',
    });

    const restored = await attempt(restoreStream, { ...step(), snapshot });
    expect(restored.changed).toBe(true);
    expect(restored.detail).toContain('keeps 101 messages, last sequence 101, 1 message of them after sequence 100');
    expect(restored.detail).toContain('NATS cannot make it a mirror again');
    const { config, state } = await look();
    expect(config.subjects).toEqual(['ORDERS-MIRROR']);
    expect(state.messages).toBe(101);
    await expect(jetstream(standby).publish('orders.102', 'order 102', { timeout: 500 })).rejects.toThrow();
    expect(await attempt(restoreStream, { ...step(), snapshot })).toMatchObject({ changed: false });

    // The next disaster: what was put aside is put to use again, and says that it may miss something.
    const again = await attempt(promoteStream, step());
    expect(again).toMatchObject({ changed: true });
    expect(again.detail).toContain('it was no mirror, so how much it misses is unknown');
    expect((await look()).config.subjects).toEqual(['orders.>']);
  });

  test('leaves a mirror that was never promoted as it is', async () => {
    const manager = await jetstreamManager(standby);
    await manager.streams.add({ name: 'OTHER', mirror: { name: 'ELSEWHERE' } });
    const snapshot = await attempt(captureStream, step('OTHER'));
    expect(await attempt(restoreStream, { ...step('OTHER'), snapshot })).toEqual({
      changed: false,
      detail: 'OTHER is a mirror of ELSEWHERE',
    });
  });

  test('an unreachable server may come back', async () => {
    const dead = stepOf({
      ...step().component,
      wiring: { ...step().component.wiring, regions: { [TO]: { servers: [server(FROM)] } } },
    });
    await expect(attempt(promoteStream, dead)).rejects.toMatchObject({ type: 'NotReached', nonRetryable: false });
  });
});
