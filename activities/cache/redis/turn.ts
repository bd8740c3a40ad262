import { Context } from '@temporalio/activity';
import type { Redis } from 'ioredis';
import type { RecoveryRef } from '../../contract.ts';
import { fault, refusal } from '../../fault.ts';

/**
 * Whose turn it is to fill a cache: `<epoch of the recovery>/<when Temporal scheduled the attempt>`, under a key of its
 * own. A later recovery takes the turn from an earlier one, and a later attempt of a step from one that was given up and
 * may still run. Scripts check it along with each change, so that who has lost it changes nothing.
 */
export interface Turn {
  key: string;
  value: string;
}

/**
 * A script that starts so runs in a Redis that is full and evicts nothing, which denies any other that writes (Redis 7).
 * What makes room must not be denied for want of it.
 */
const ALSO_WHEN_FULL = '#!lua flags=allow-oom';

/** Answers who has a later turn; nil when there was none and the turn is taken. */
const TAKE = `${ALSO_WHEN_FULL}
  local held = redis.call('GET', KEYS[1])
  if held then
    local epoch, at = string.match(held, '^(%d+)/(%d+)$')
    if not epoch then return held end
    local later = tonumber(epoch) - tonumber(ARGV[1])
    if later > 0 or (later == 0 and tonumber(at) > tonumber(ARGV[2])) then return held end
  end
  redis.call('SET', KEYS[1], ARGV[1] .. '/' .. ARGV[2])
  return nil`;

/** Answers how many keys were removed; -1 without the turn. */
const REMOVE = `${ALSO_WHEN_FULL}
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
  local removed = 0
  for i = 2, #KEYS do
    if KEYS[i] ~= KEYS[1] then removed = removed + redis.call('UNLINK', KEYS[i]) end
  end
  return removed`;

/** Answers how many keys were not there and are now; -1 without the turn. */
const ADD = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
  local added = 0
  for i = 2, #KEYS do
    local set = {'SET', KEYS[i], ARGV[i + 1], 'NX'}
    if ARGV[2] ~= '' then set[5] = 'EX'; set[6] = ARGV[2] end
    if redis.call(unpack(set)) then added = added + 1 end
  end
  return added`;

/**
 * Takes the turn for this attempt.
 *
 * @throws LeaseLost when a later recovery has it; NotReached when a later attempt of this one has
 */
export async function takeTurn(redis: Redis, prefix: string, { epoch }: RecoveryRef): Promise<Turn> {
  const at = Context.current().info.currentAttemptScheduledTimestampMs;
  const turn = { key: `lifeboat:turn:${prefix}`, value: `${epoch}/${at}` };
  const held = await redis.eval(TAKE, 1, turn.key, epoch, at);
  if (held !== null) throw lost(turn, String(held));
  return turn;
}

/** Removes keys; answers how many there were. */
export function remove(redis: Redis, turn: Turn, keys: readonly string[]): Promise<number> {
  return inTurn(redis, turn, redis.eval(REMOVE, keys.length + 1, turn.key, ...keys, turn.value));
}

/** Writes values under keys that are not there, for `ttlSeconds` or for ever; answers how many it wrote. */
export function add(
  redis: Redis,
  turn: Turn,
  entries: readonly { key: string; value: string }[],
  ttlSeconds: number | undefined,
): Promise<number> {
  const keys = entries.map(({ key }) => key);
  const values = entries.map(({ value }) => value);
  const asked = redis.eval(ADD, keys.length + 1, turn.key, ...keys, turn.value, ttlSeconds ?? '', ...values);
  return inTurn(redis, turn, asked);
}

async function inTurn(redis: Redis, turn: Turn, asked: Promise<unknown>): Promise<number> {
  const count = Number(await asked);
  if (count < 0) throw lost(turn, await redis.get(turn.key));
  return count;
}

/** People can make a paused phase try again, but not an earlier recovery a later one. */
function lost({ key, value }: Turn, held: string | null): Error {
  if (held === null) return fault('NotReached', `key ${key} was removed while the cache was filled`);
  const message = `the cache is filled by "${held}", as its key ${key} says, and this is "${value}"`;
  const sameRecovery = held.split('/')[0] === value.split('/')[0];
  return sameRecovery ? fault('NotReached', message) : refusal('LeaseLost', message);
}
