import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Snapshot } from '../../../activities/contract.ts';
import { streamActivities } from '../../../activities/stream/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import type { Subject, Theatre } from './subject.ts';

const { captureStream, mirrorStream, promoteStream } = streamActivities(depsOf());

const lastSequenceIn = ({ state }: Snapshot) => (state as { lastSequence: number }).lastSequence;

/** A stream and its mirror on the standby's own server, made for each run; NATS itself tells of each update. */
export const nats: Theatre = {
  needs: ['stream'],
  async open(lab) {
    const serverOf = (region: string) => {
      const { host, port } = lab.endpoint(`${region}/nats`);
      return `${host}:${port}`;
    };
    const server = serverOf(TO);
    const connection = await connect({ servers: server });
    const elsewhere = await connect({ servers: serverOf(FROM) });
    const { streams } = await jetstreamManager(connection);
    /** Names of the streams that NATS says were updated, or created. */
    const announced = (what: 'UPDATED' | 'CREATED') => {
      const names: string[] = [];
      connection.subscribe(`$JS.EVENT.ADVISORY.STREAM.${what}.>`, {
        callback: (_, { subject }) => void names.push(subject.split('.').at(-1) ?? ''),
      });
      return names;
    };
    const updates = announced('UPDATED');
    const creations = announced('CREATED');

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
    const capture: Subject = {
      verb: 'captureStream',
      async prepare(run) {
        const { step, seen } = await start(run);
        const both = async (answer: unknown) => ({ ...(await seen()), captured: lastSequenceIn(answer as Snapshot) });
        return { input: step, seen: both, expected: { mirror: true, messages: 10, updates: 0, captured: 10 } };
      },
    };
    const promote: Subject = {
      verb: 'promoteStream',
      async prepare(run) {
        const { step, seen } = await start(run);
        const expected = { mirror: false, messages: 10, updates: 1 };
        return { input: step, seen, expected, twice: { ...expected, updates: 2 } };
      },
    };
    const restore: Subject = {
      verb: 'restoreStream',
      async prepare(run) {
        const { step, seen } = await start(run);
        const snapshot = await attempt(captureStream, step);
        await attempt(promoteStream, step);
        const expected = { mirror: false, messages: 10, updates: 2 };
        return { input: { ...step, snapshot }, seen, expected, twice: { ...expected, updates: 3 } };
      },
    };
    /** A stream in the other region, which is there. */
    async function startBoth(run: number) {
      const [stream, mirror, subject] = [`SOURCE-${run}`, `MIRROR-${run}`, `run-${run}.>`];
      await (await jetstreamManager(elsewhere)).streams.add({ name: stream, subjects: [subject] });
      for (let id = 0; id < 10; id++) await jetstream(elsewhere).publish(`run-${run}.${id}`, 'order');
      const place = (region: string) => ({ servers: [serverOf(region)], domain: region });
      const component = wired('events', 'nats', {
        shared: { stream, mirror, subjects: [subject] },
        regions: { [FROM]: place(FROM), [TO]: place(TO) },
      });
      async function seen() {
        const { config, state } = await eventually({ what: 'the mirror', withinMs: 10_000, everyMs: 50 }, async () => {
          const info = await streams.info(mirror);
          if (info.state.messages < 10) throw new Error('it is behind');
          return info;
        });
        await connection.flush();
        const created = creations.filter((name) => name === mirror).length;
        return { source: config.mirror?.name, messages: state.messages, created };
      }
      const expected = (created: number) => ({ source: stream, messages: 10, created });
      return { step: stepOf(component, recoveryRef()), seen, expected };
    }
    const mirrored: Subject = {
      verb: 'mirrorStream',
      async prepare(run) {
        const { step, seen, expected } = await startBoth(run);
        return { input: step, seen, expected: expected(1), twice: expected(2) };
      },
    };
    /** What was promoted has nothing of its own, and is made a mirror again. */
    const restoreMirror: Subject = {
      verb: 'restoreStream',
      by: 'nats, its source at hand',
      async prepare(run) {
        const { step, seen, expected } = await startBoth(run);
        await attempt(mirrorStream, step);
        const snapshot = await attempt(captureStream, step);
        await attempt(promoteStream, step);
        return { input: { ...step, snapshot }, seen, expected: expected(2), twice: expected(3) };
      },
    };
    const close = async () => {
      await Promise.all([connection.close(), elsewhere.close()]);
    };
    return { subjects: [capture, promote, restore, mirrored, restoreMirror], close };
  },
};
