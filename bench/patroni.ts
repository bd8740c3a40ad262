import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, load, type Part } from './figures.ts';
import { PatroniPair, type Timing } from './patroni/debian.ts';
import { LifeboatPair } from './patroni/lifeboat.ts';
import type { Pair } from './patroni/pair.ts';
import { type Seen, Writer } from './patroni/writer.ts';

interface Options {
  rounds: string;
  only?: string;
}

/** The longest period with which any of them renews its right to write: the kill comes at any moment of it. */
const PERIOD_MS = 10_000;

interface Contestant {
  name: string;
  title: string;
  start: () => Promise<Pair>;
}

const debian = (name: string, title: string, timing: Timing): Contestant => ({
  name,
  title: `${title} (ttl ${timing.ttl}, loop_wait ${timing.loop_wait}, retry_timeout ${timing.retry_timeout})`,
  start: () => PatroniPair.start(timing),
});

/**
 * Patroni's documentation asks for loop_wait + 2 × retry_timeout ≤ ttl and names the least of each: 1, 3 and 20. Debian's
 * version does not check the last one, so the least ttl that keeps the rule is shown as well.
 */
const CONTESTANTS: readonly Contestant[] = [
  { name: 'lifeboat', title: 'Lifeboat, approved at once', start: () => LifeboatPair.start() },
  debian('default', 'Patroni, default', { ttl: 30, loop_wait: 10, retry_timeout: 10 }),
  debian('fastest', 'Patroni, fastest supported', { ttl: 20, loop_wait: 1, retry_timeout: 3 }),
  debian('unsupported', 'Patroni, below the least ttl', { ttl: 7, loop_wait: 1, retry_timeout: 3 }),
];

/**
 * The PostgreSQL part alone: the primary is killed whole under the same load, and timed is the first write that the new
 * one acknowledges. Patroni acts without people; Lifeboat waits for an approval, which is given as soon as it is asked
 * for. Both times have the detection in them.
 */
export const patroni: Part<Options> = {
  name: 'patroni',
  description: 'Primary killed to first acknowledged write on the new one, beside Patroni from Debian.',
  options: [
    ['--rounds <count>', 'how often each', '5'],
    ['--only <names>', `some of ${CONTESTANTS.map(({ name }) => name).join(', ')}`],
  ],
  async run({ rounds, only }) {
    const names = only?.split(',') ?? CONTESTANTS.map(({ name }) => name);
    const seen = new Map<Contestant, Seen[]>();
    const contestants = CONTESTANTS.filter(({ name }) => names.includes(name));
    // In turns, so that what else the machine does meets all of them.
    for (let round = 1; round <= Number(rounds); round++) {
      for (const contestant of contestants) {
        const all = seen.get(contestant) ?? [];
        seen.set(contestant, [...all, await play(contestant, round)]);
      }
    }
    return [...seen].flatMap(([contestant, all]) => figuresOf(contestant, all));
  },
};

async function play({ name, start }: Contestant, round: number): Promise<Seen> {
  const pair = await start();
  const writer = new Writer(pair.old, pair.next);
  try {
    await writer.start();
    await sleep(Math.random() * PERIOD_MS);
    const seen = await writer.seen(await pair.kill());
    const { ms, lost, acknowledged } = seen;
    console.log(`round ${round}, ${name}: ${ms} ms, ${lost} of ${acknowledged} writes lost; load ${load()}`);
    const account = await pair.account();
    if (account !== null) console.log(`  ${account}`);
    return seen;
  } finally {
    await writer.stop();
    await pair.end();
  }
}

function figuresOf({ title }: Contestant, all: readonly Seen[]): Figure[] {
  return [
    { name: title, unit: 's', values: all.map(({ ms }) => ms / 1_000), bound: null },
    {
      name: `${title}: writes acknowledged on the old timeline after the new one`,
      unit: '',
      values: all.map(({ onOldTimeline }) => onOldTimeline),
      bound: { of: 'every', atMost: 0 },
    },
  ];
}
