import { Socket } from 'node:net';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { repeatHeartbeat } from '../../activities/heartbeat.ts';
import { onlyHttp1 } from './calls/http1.ts';
import type { Fault } from './fault.ts';

/** Says on the standard output that the worker is about to take steps. */
export const READY = 'the worker is ready';

/** Says on the standard output that the struck activity has ended after all: it had been frozen, or may finish. */
export const ENDED = 'the struck attempt has ended';

/**
 * An interceptor that signals its own process at the fault's point, once. It belongs to tests: no worker of the product
 * can load it, and the images do not contain it.
 */
export function strike(fault: Fault) {
  onlyHttp1();
  let struck = false;
  const hit = () => {
    if (struck) return;
    struck = true;
    process.kill(process.pid, fault.signal);
  };
  return (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        if (context.info.activityType !== fault.activity) return await next(input);
        const disarm = arm(fault.point, context, hit);
        if (fault.point === 'before') hit();
        try {
          const result = await next(input);
          inTheEnd(fault.point, context, hit);
          return result;
        } finally {
          disarm();
          if (struck) console.log(ENDED);
        }
      },
    },
  });
}

/** What is struck when all is done: a step that wrote to no socket has not given a sign of life before. */
function inTheEnd(point: Fault['point'], context: Context, hit: () => void): void {
  if (point === 'after') hit();
  if (point === 'heartbeat') repeatHeartbeat(context);
}

/** Makes `hit` happen at points within the activity; answers how to stop that. */
function arm(point: Fault['point'], context: Context, hit: () => void): () => void {
  if (point === 'heartbeat') return onHeartbeat(context, hit);
  const [when, number] = point.split('-');
  return number === undefined ? () => {} : onWrite(when === 'sending', Number(number), hit);
}

/**
 * Its worker gives a sign of life every second, and most steps are over before. So they give one when their first write
 * has left and they wait for the answer, in the words that the worker would use.
 */
function onHeartbeat(context: Context, hit: () => void): () => void {
  const heartbeat = context.heartbeat.bind(context);
  Object.defineProperty(context, 'heartbeat', {
    value: (details?: unknown) => {
      heartbeat(details);
      hit();
    },
  });
  return onWrite(false, 1, () => repeatHeartbeat(context));
}

type Write = (this: Socket, ...args: unknown[]) => boolean;

/** Temporal's own connection is none of Node's sockets, so that what is counted goes to the outside. */
function onWrite(sending: boolean, number: number, hit: () => void): () => void {
  const original = Socket.prototype.write as Write;
  let count = 0;
  const counting: Write = function (...args) {
    if (this === process.stdout || this === process.stderr) return original.apply(this, args);
    count += 1;
    if (count !== number) return original.apply(this, args);
    if (sending) {
      hit();
      return original.apply(this, args);
    }
    const given = typeof args.at(-1) === 'function' ? (args.pop() as (error?: Error) => void) : undefined;
    return original.call(this, ...args, (error?: Error) => {
      hit();
      given?.(error);
    });
  };
  Socket.prototype.write = counting as typeof Socket.prototype.write;
  return () => {
    Socket.prototype.write = original as typeof Socket.prototype.write;
  };
}
