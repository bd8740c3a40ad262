import type { StreamInfo } from '@nats-io/jetstream';
import type { RestoreStep, Snapshot, Step, StepResult, StreamPromotionStep } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { fault, refusal } from '../fault.ts';
import { refuseIfFrozen } from '../heartbeat.ts';
import { wiringOf } from '../provider.ts';
import type { StreamVerbs } from './index.ts';
import { caughtUp, mirrorAgain, mirrorStream, sourceOf } from './nats/mirror.ts';
import { holds, lag, messages, type State, stateOf, takes } from './nats/state.ts';
import { inspect, isApiError, MIRROR_NOT_UPDATABLE, type Streams, withStreams } from './nats/streams.ts';

/**
 * A JetStream mirror that becomes a stream of its own. NATS 2.12 and later promote a mirror in place, by an update
 * that takes `mirror` away and names subjects (nats-io/nats-server#7171): its messages and their sequences stay. Only
 * the servers of the step's `to` are asked, but for planned moves.
 */
export function nats(deps: Deps): StreamVerbs {
  return {
    captureStream: (step) => withStreams(deps, step, (streams) => capture(streams, step)),
    promoteStream: (step) => withStreams(deps, step, (streams) => promote(deps, streams, step)),
    restoreStream: (step) => withStreams(deps, step, (streams) => restore(deps, streams, step)),
    mirrorStream: (step) => mirrorStream(deps, step),
  };
}

async function capture(streams: Streams, step: Step): Promise<Snapshot> {
  const info = await inspect(streams, step);
  const state: State = stateOf(info);
  const role = state.mirror === null ? `takes ${state.subjects.join(', ')}` : `mirrors ${state.mirror.name}`;
  return { detail: `${info.config.name} ${role}: ${holds(info)}`, state };
}

async function promote(deps: Deps, streams: Streams, step: StreamPromotionStep): Promise<StepResult> {
  const { subjects } = wiringOf<'nats'>(step.component, step.to).shared;
  const before = await inspect(streams, step);
  const { name } = before.config;
  const taken = subjects.join(', ');
  if (takes(before.config, subjects)) {
    return { changed: false, detail: `${name} takes ${taken} already: ${holds(before)}` };
  }
  if (step.upToDate === true) await caughtUp(streams, before.config.name, await sourceOf(deps, step));
  await withoutMirror(streams, before, subjects);
  const after = await inspect(streams, step);
  if (!takes(after.config, subjects)) throw fault('NotReached', `${name} does not take ${taken} yet`);
  return { changed: true, detail: `${name} takes ${taken} and kept ${holds(after)}; ${lag(before)}` };
}

async function withoutMirror(streams: Streams, { config }: StreamInfo, subjects: string[]): Promise<void> {
  try {
    // The client merges what is given into the stream's present configuration, so undefined takes away.
    refuseIfFrozen();
    await streams.update(config.name, { mirror: undefined, subjects } as object);
  } catch (cause) {
    if (!isApiError(cause, MIRROR_NOT_UPDATABLE)) throw cause;
    throw refusal('WiringInvalid', `${config.name}: this NATS cannot promote a mirror; 2.12 and later can`);
  }
}

/**
 * Back to what it was as far as NATS allows. No version makes a mirror of a stream that has messages. One that took none
 * of its own is replaced by a new mirror, if its source is there to say so; otherwise its messages may be the only copy:
 * then it stops taking subjects, and people move what it holds.
 */
async function restore(deps: Deps, streams: Streams, step: RestoreStep): Promise<StepResult> {
  const was = step.snapshot.state as State;
  if (was.mirror !== null && (await mirrorAgain(deps, streams, step, was))) {
    return { changed: true, detail: `${was.config.name} mirrors ${was.mirror.name} again: it had nothing of its own` };
  }
  const info = await inspect(streams, step);
  const { name, mirror } = info.config;
  // The name of the stream is what NATS itself makes of an empty list of subjects.
  const subjects = was.mirror === null ? was.subjects : [name];
  if (mirror !== undefined) return { changed: false, detail: `${name} is a mirror of ${mirror.name}` };
  const changed = !takes(info.config, subjects);
  if (changed) {
    refuseIfFrozen();
    await streams.update(name, { subjects });
  }
  if (was.mirror === null) return { changed, detail: `${name} takes ${subjects.join(', ')} as before: ${holds(info)}` };
  const since = Math.max(0, info.state.last_seq - was.lastSequence);
  return {
    changed,
    detail:
      `${name} takes nothing more and keeps ${holds(info)}, ${messages(since)} of them after sequence ` +
      `${was.lastSequence}. NATS cannot make it a mirror again: move those to ${was.mirror.name}, then delete and ` +
      `create the mirror by hand`,
  };
}
