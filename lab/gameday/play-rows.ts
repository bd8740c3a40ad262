import { type Lab, up } from '../lab.ts';
import { reset } from '../reset.ts';
import { shapeNamed } from '../shapes/index.ts';
import { addresses } from './addresses.ts';
import type { Row, RowResult } from './row.ts';
import { playRow } from './rows/index.ts';
import type { Screen } from './screen.ts';
import { showResult } from './summary.ts';

/** What became of a row. */
export interface Played {
  row: Row;
  passed: boolean;
  /** Of the row alone, without the lab. */
  seconds: number;
  /** Null where it came to no end, and `error` says why. */
  result: RowResult | null;
  error: string | null;
}

interface Playing {
  /** Of the lab. */
  name: string;
  synchronous: boolean;
  yes: boolean;
  /** Leave the last lab running. */
  keep: boolean;
  screen: Screen;
  signal: AbortSignal;
}

/** Plays rows one after another, those of one shape in the same lab, which is as it was before each of them. */
export async function playRows(rows: readonly Row[], playing: Playing): Promise<Played[]> {
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  const played: Played[] = [];
  for (const shape of shapes) {
    const keep = playing.keep && shape === shapes.at(-1);
    const ofShape = rows.filter((row) => row.shape === shape);
    played.push(...(await playInOneLab(ofShape, shape, { ...playing, keep })));
  }
  return played;
}

async function playInOneLab(rows: readonly Row[], shape: string, playing: Playing): Promise<Played[]> {
  const { keep, screen, signal } = playing;
  const played: Played[] = [];
  let lab = await bringUp(shape, playing);
  try {
    for (const row of rows) {
      if (played.length > 0) lab = await fresh(lab, shape, playing);
      if (rows.length > 1) screen.title(`Row ${row.name}: ${row.title}`);
      played.push(await playOne(lab, row, playing));
      signal.throwIfAborted();
    }
    return played;
  } finally {
    if (keep && !signal.aborted) screen.say(addresses(lab));
    else await lab.down();
  }
}

async function playOne(lab: Lab, row: Row, { screen, signal, yes }: Playing): Promise<Played> {
  const since = performance.now();
  const took = () => (performance.now() - since) / 1_000;
  try {
    const result = await playRow(lab, row, { screen, signal, yes });
    return { row, passed: showResult(screen, row, result), seconds: took(), result, error: null };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    screen.title(`The row failed: ${error}`);
    return { row, passed: false, seconds: took(), result: null, error };
  }
}

/** The lab as it came up; another one where that cannot be had. */
async function fresh(lab: Lab, shape: string, playing: Playing): Promise<Lab> {
  const { screen } = playing;
  const since = performance.now();
  try {
    await reset(lab);
    screen.note(`the lab is as it was after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
    return lab;
  } catch (error) {
    screen.note(
      `the lab cannot be reset, another one is brought up: ${error instanceof Error ? error.message : error}`,
    );
    await lab.down();
    return await bringUp(shape, playing);
  }
}

async function bringUp(shape: string, { name, synchronous, screen, signal }: Playing): Promise<Lab> {
  screen.title(`Lab: ${shapeNamed(shape).title}; PostgreSQL ${synchronous ? 'synchronous' : 'asynchronous'}`);
  return await up({
    ...{ name, shape, synchronous, signal },
    onProgress: ({ name: part, state, seconds }) => {
      if (state === 'ready') screen.note(`${part} is up after ${seconds.toFixed(1)} s`);
    },
  });
}
