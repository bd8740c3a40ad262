import type { StoredMsg, StreamInfo } from '@nats-io/jetstream';
import { StorageType } from '@nats-io/jetstream';
import type { Step, StepResult } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { refusal } from '../../fault.ts';
import { refuseIfFrozen } from '../../heartbeat.ts';
import { wiringOf } from '../../provider.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { holds, messages, type State, takes } from './state.ts';
import { isApiError, STREAM_NOT_FOUND, type Streams, withStreams } from './streams.ts';

/** On a mirror that Lifeboat made: which stream it continues once it is promoted. */
const CONTINUES = 'lifeboat.dev/continues';

const LOOK_EVERY_MS = 100;

/**
 * Mirrors the stream that takes the subjects in `from` into `to`. NATS makes no mirror of a stream that has messages: one
 * that is in the way is replaced only when the source is known to hold everything that it holds, and a stream of another
 * name in `to` that takes the subjects keeps its messages and takes no more.
 *
 * @throws FactsUnknown for a stream in the way that may hold something of its own; NotReached when it does not catch up
 */
export async function mirrorStream(deps: Deps, step: Step): Promise<StepResult> {
  const source = await sourceOf(deps, step);
  return await withStreams(deps, step, async (streams) => {
    const { mirror: name } = wiringOf<'nats'>(step.component, step.to).shared;
    const found = await find(streams, name);
    const mirrors = found?.config.mirror?.name === source.config.name;
    const before = found === null || mirrors ? '' : await remove(streams, found, source, step);
    if (!mirrors) await add(streams, source, step);
    const reached = await caughtUp(streams, name, source);
    return { changed: !mirrors, detail: `${before}${name} in ${step.to} mirrors ${source.config.name}: ${reached}` };
  });
}

/**
 * The stream in `from` that takes the subjects, as it is now.
 *
 * @throws WiringInvalid when neither the stream nor the mirror of the wiring does
 */
export async function sourceOf(deps: Deps, step: Step): Promise<StreamInfo> {
  const { mirror, stream, subjects } = wiringOf<'nats'>(step.component, step.from).shared;
  return await withStreams(deps, { ...step, to: step.from }, async (streams) => {
    for (const name of [mirror, stream]) {
      const found = await find(streams, name);
      if (found !== null && takes(found.config, subjects)) return found;
    }
    throw refusal('WiringInvalid', `no stream in ${step.from} takes ${subjects.join(', ')}`);
  });
}

/** Waits until a mirror has all that its source had; answers what it holds. */
export async function caughtUp(streams: Streams, name: string, source: StreamInfo): Promise<string> {
  const goal = source.state.last_seq;
  const wait = { what: `${name} to catch up`, timeoutMs: leftMs(stepDeadline()), everyMs: LOOK_EVERY_MS };
  return await until(wait, async (note) => {
    const info = await streams.info(name);
    note(`${info.state.last_seq} of ${goal}`);
    return info.state.last_seq >= goal ? holds(info) : undefined;
  });
}

/**
 * Makes a promoted mirror the mirror again that it was, if it has taken nothing of its own: its last message is then that
 * of its source, to the time it was written. False when that is not so, or cannot be known, and when it is a mirror.
 */
export async function mirrorAgain(deps: Deps, streams: Streams, step: Step, was: State): Promise<boolean> {
  const { name } = was.config;
  const found = await find(streams, name);
  if (found?.config.mirror !== undefined) return false;
  if (found !== null && !(await isCopy(deps, streams, step, found, was))) return false;
  // A repeat may find it deleted and not made again.
  refuseIfFrozen();
  if (found !== null) await streams.delete(name);
  await streams.add(was.config);
  return true;
}

async function isCopy(
  deps: Deps,
  streams: Streams,
  step: Step,
  { config, state }: StreamInfo,
  { mirror }: State,
): Promise<boolean> {
  const { subjects } = wiringOf<'nats'>(step.component, step.from).shared;
  const name = mirror?.name ?? '';
  const seq = state.last_seq;
  const own = seq === 0 ? null : await streams.getMessage(config.name, { seq });
  return await withStreams(deps, { ...step, to: step.from }, async (there) => {
    const source = await there.info(name);
    if (!takes(source.config, subjects) || source.state.last_seq < seq) return false;
    const original = seq === 0 ? null : await there.getMessage(name, { seq });
    return seq === 0 || (own !== null && original !== null && isSame(own, original));
  }).catch(() => false);
}

/** Mirrors keep sequence, subject, time and data. */
const isSame = (one: StoredMsg, other: StoredMsg) =>
  one.subject === other.subject && one.timestamp === other.timestamp && one.string() === other.string();

/** Takes away a former source of which the present one is the continuation. */
async function remove(streams: Streams, found: StreamInfo, source: StreamInfo, step: Step): Promise<string> {
  const { name } = found.config;
  const whole = source.state.first_seq <= found.state.first_seq && source.state.last_seq >= found.state.last_seq;
  if (source.config.metadata?.[CONTINUES] !== identity(step.to, found) || !whole) {
    throw refusal(
      'FactsUnknown',
      `${name} in ${step.to} holds ${messages(found.state.messages)} that ${step.from} may not have: ` +
        'move what is missing there, then delete it',
    );
  }
  refuseIfFrozen();
  await streams.delete(name);
  return `replaced a former source, all of whose ${messages(found.state.messages)} are in ${step.from}; `;
}

async function add(streams: Streams, source: StreamInfo, step: Step): Promise<void> {
  const { shared } = wiringOf<'nats'>(step.component, step.to);
  const { domain } = wiringOf<'nats'>(step.component, step.from).region;
  refuseIfFrozen();
  // Two streams of a server cannot take the same subject once the mirror is promoted; its name is nobody's.
  const other = await find(streams, shared.stream);
  if (other !== null && takes(other.config, shared.subjects)) {
    await streams.update(shared.stream, { subjects: [shared.stream] });
  }
  await streams.add({
    name: shared.mirror,
    storage: source.config.storage ?? StorageType.File,
    num_replicas: source.config.num_replicas,
    mirror: { name: source.config.name, ...(domain !== undefined && { external: { api: `$JS.${domain}.API` } }) },
    metadata: { [CONTINUES]: identity(step.from, source) },
  });
}

/** One stream of one region, also after another has been made under its name. */
const identity = (region: string, { config, created }: StreamInfo) => `${region}/${config.name}@${created}`;

async function find(streams: Streams, name: string): Promise<StreamInfo | null> {
  try {
    return await streams.info(name);
  } catch (cause) {
    if (isApiError(cause, STREAM_NOT_FOUND)) return null;
    throw cause;
  }
}
