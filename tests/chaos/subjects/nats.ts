import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { streamActivities } from '../../../activities/stream/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../activities/step.ts';
import type { Subject, Theatre } from './subject.ts';

const { captureStream, promoteStream } = streamActivities(depsOf());

/** A stream and its mirror on the standby's own server, made for each run; NATS itself tells of each update. */
export const nats: Theatre = {
  needs: [`${TO}/nats`],
  async open(lab) {
    const { host, port } = lab.endpoint(`${TO}/nats`);
    const server = `${host}:${port}`;
    const connection = await connect({ servers: server });
    const { streams } = await jetstreamManager(connection);
    const updates: string[] = [];
    connection.subscribe('$JS.EVENT.ADVISORY.STREAM.UPDATED.>', {
      callback: (_, { subject }) => void updates.push(subject.split('.').at(-1) ?? ''),
    });

    async function start(run: number) {
      const [stream, mirror, subject] = [`SOURCE-${run}`, `MIRROR-${run}`, `run-${run}.>`];
      await streams.add({ name: stream, subjects: [subject] });
      await streams.add({ name: mirror, mirror: { name: stream } });
      for (let id = 0; id < 10; id++) await jetstream(connection).publish(`run-${run}.${id}`, 'order');
      await eventually({ what: 'the mirror', withinMs: 10_000, everyMs: 50 }, async () => {
        if ((await streams.info(mirror)).state.messages < 10) throw new Error('it is behind');
      });
      // The region of the source is gone.
      await streams.delete(stream);
      const component = wired('events', 'nats', {
        shared: { stream, mirror, subjects: [subject] },
        regions: { [FROM]: { servers: [server] }, [TO]: { servers: [server] } },
      });
      async function seen() {
        const { config, state } = await streams.info(mirror);
        await connection.flush();
        const count = updates.filter((name) => name === mirror).length;
        return { mirror: config.mirror !== undefined, messages: state.messages, updates: count };
      }
      return { step: stepOf(component, recoveryRef()), seen };
    }
    const promote: Subject = {
      verb: 'promoteStream',
      async prepare(run) {
        const { step, seen } = await start(run);
        return { input: step, seen, expected: { mirror: false, messages: 10, updates: 1 } };
      },
    };
    const restore: Subject = {
      verb: 'restoreStream',
      async prepare(run) {
        const { step, seen } = await start(run);
        const snapshot = await attempt(captureStream, step);
        await attempt(promoteStream, step);
        return { input: { ...step, snapshot }, seen, expected: { mirror: false, messages: 10, updates: 2 } };
      },
    };
    return { subjects: [promote, restore], close: () => connection.close() };
  },
};
