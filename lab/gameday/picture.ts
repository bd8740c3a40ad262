import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { Lab } from '../lab.ts';
import type { OutsideCheck } from './checks.ts';
import { dataParts } from './picture/data.ts';
import { nameParts } from './picture/names.ts';
import { workloadParts } from './picture/workloads.ts';

/**
 * What a lab's system is, part by part, as its parts say themselves when they are asked by their own protocols: names,
 * pods, targets, databases, streams. Nothing here comes from Lifeboat, so that two pictures tell what it left behind.
 */
export type Picture = Record<string, string>;

/** How to look at one part; answers in words. */
export type Parts = Record<string, () => Promise<string>>;

const EVERY_MS = 500;
const SETTLED_MS = 60_000;

/** Looks at everything at the same time. A part that cannot be looked at says why. */
export async function takePicture(lab: Lab): Promise<Picture> {
  const parts = Object.entries({ ...nameParts(lab), ...workloadParts(lab), ...dataParts(lab) });
  const seen = parts.map(async ([part, look]) => [part, await look().catch(unseen)] as const);
  return Object.fromEntries(await Promise.all(seen));
}

const UNSEEN = 'cannot be seen: ';
const unseen = (error: Error) => `${UNSEEN}${error.message || error.name}`;

/**
 * A picture in which every part was seen, and that the next one was like: what is busy for a moment is not taken for how
 * it is.
 */
export async function settledPicture(lab: Lab, signal: AbortSignal): Promise<Picture> {
  return await eventually({ what: 'a picture of all', withinMs: SETTLED_MS, everyMs: EVERY_MS, signal }, async () => {
    const picture = await takePicture(lab);
    const missing = Object.entries(picture).filter(([, seen]) => seen.startsWith(UNSEEN));
    const differ = differences(picture, await takePicture(lab));
    if (missing.length + differ.length > 0) throw new Error([...missing.flat(), ...differ].join('; '));
    return picture;
  });
}

/** Every part that is not as it was, in words. */
export function differences(before: Picture, after: Picture): string[] {
  const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differ = parts.filter((part) => before[part] !== after[part]);
  return differ.map((part) => `${part}: was ${before[part]}, is ${after[part]}`);
}

/** Waits until everything looks as before but for some parts that do not come back by themselves, or time is over. */
export async function looksAsBefore(
  lab: Lab,
  before: Picture,
  { except, withinMs, signal }: { except: readonly string[]; withinMs: number; signal: AbortSignal },
): Promise<OutsideCheck> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const differ = differences(without(before, except), without(await takePicture(lab), except));
    const passed = differ.length === 0;
    const compared = Object.keys(without(before, except)).length;
    const seen = passed ? `${compared} of ${compared} parts are the same` : differ.join('; ');
    if (passed || Date.now() >= deadline) return { name: 'everything is as it was before', passed, seen };
    await sleep(EVERY_MS, undefined, { signal });
  }
}

const without = (picture: Picture, parts: readonly string[]): Picture =>
  Object.fromEntries(Object.entries(picture).filter(([part]) => !parts.includes(part)));
