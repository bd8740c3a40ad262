import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { endAll } from '../lab/supervisor.ts';
import { PRIMARY, TwoRegions } from '../tests/support/database/two-regions.ts';
import { type Figure, load, type Part } from './figures.ts';

interface Options {
  rounds: string;
  seconds: string;
}

const SESSIONS = [1, 4, 16];

/** Commits of one size: how many in a second, and how long half of them and all but one in a hundred took at most. */
interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** What it costs that each commit waits for the guard: the same single-row inserts with and without, in turns. */
export const commits: Part<Options> = {
  name: 'commits',
  description: 'Commits per second and how long each takes, with and without the confirmation of the guard.',
  options: [
    ['--rounds <count>', 'how often each', '3'],
    ['--seconds <count>', 'how long each takes', '5'],
  ],
  async run({ rounds, seconds }) {
    const seen = new Map<string, Measured[]>();
    const regions = await TwoRegions.start({ only: [PRIMARY] });
    try {
      await regions.sql(PRIMARY, 'create table rows (id bigserial primary key, filler text)');
      for (let round = 1; round <= Number(rounds); round++) {
        for (const confirmed of [true, false]) await measureAll(regions, confirmed, Number(seconds), seen);
      }
    } finally {
      await regions.end();
    }
    return [...seen].flatMap(([name, all]) => figuresOf(name, all));
  },
};

async function measureAll(regions: TwoRegions, confirmed: boolean, seconds: number, seen: Map<string, Measured[]>) {
  await restart(regions, confirmed);
  for (const sessions of SESSIONS) {
    const name = `${sessions} session${sessions === 1 ? '' : 's'}, commits ${confirmed ? '' : 'not '}confirmed`;
    const measured = await measure(regions, sessions, seconds);
    console.log(`${name}: ${JSON.stringify(measured)}; load: ${load()}`);
    seen.set(name, [...(seen.get(name) ?? []), measured]);
  }
}

/** On the same data, under a guard that confirms or does not. */
async function restart(regions: TwoRegions, confirmed: boolean): Promise<void> {
  await endAll(regions.records(PRIMARY));
  regions.confirmCommits = confirmed;
  await regions.startRegion(PRIMARY);
  await regions.sql(PRIMARY, 'truncate rows');
}

async function measure(regions: TwoRegions, count: number, seconds: number): Promise<Measured> {
  const clients = await Promise.all(Array.from({ length: count }, () => regions.connect(PRIMARY)));
  const over = new AbortController();
  const writing = Promise.all(clients.map((client) => writeRows(client, over.signal)));
  const startedAt = performance.now();
  await sleep(seconds * 1_000);
  over.abort();
  const times = (await writing).flat().sort((a, b) => a - b);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  const quantile = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? Number.NaN) * 100) / 100;
  return { perSecond: Math.round(times.length / tookSeconds), p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Milliseconds that each commit took. */
async function writeRows(client: pg.Client, over: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!over.aborted) {
    const sentAt = performance.now();
    await client.query("insert into rows (filler) values (repeat('x', 100))");
    times.push(performance.now() - sentAt);
  }
  return times;
}

function figuresOf(name: string, all: readonly Measured[]): Figure[] {
  const shown = { bound: null };
  return [
    { ...shown, name: `${name}, rate`, unit: 'per second', values: all.map(({ perSecond }) => perSecond) },
    { ...shown, name: `${name}, p50`, unit: 'ms', values: all.map(({ p50Ms }) => p50Ms) },
    { ...shown, name: `${name}, p99`, unit: 'ms', values: all.map(({ p99Ms }) => p99Ms) },
  ];
}
