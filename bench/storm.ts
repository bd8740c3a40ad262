import { type Figure, load, type Part } from './figures.ts';
import { alertsLost } from './storm/alerts.ts';
import { type Answer, redeliver, replay } from './storm/load.ts';
import { endAll, measureHistories } from './storm/measure.ts';
import { type Place, setUp } from './storm/place.ts';
import { makeStorm, type Storm } from './storm/webhooks.ts';

interface StormOptions {
  webhooks: string;
  rate: string;
  /** One storm alone. */
  only?: string;
}

/** Targets of the first storm. */
const TARGET = { p99Ms: 250, perSecond: 1_000, events: 500 };
const COLD = { webhooks: 1_000, perSecond: 500 };
/** The storm in which Temporal is killed is shorter, and slow enough to have a middle. */
const OUTAGE = { webhooks: 4_000, perSecond: 500, downMs: 3_000 };

/** An alert storm in a region's disaster: one incident, one recovery, and nothing lost while Temporal is down. */
export const storm: Part<StormOptions> = {
  name: 'storm',
  description: 'An alert storm of all formats, with replays; then one in which Temporal is killed.',
  options: [
    ['--webhooks <count>', 'how many in the first storm, 20000 at most', '10000'],
    ['--rate <perSecond>', 'how many to send in a second, 5000 at most', '1100'],
    ['--only <part>', '"storm" or "outage"'],
  ],
  async run({ webhooks, rate, only }) {
    const place = await setUp();
    try {
      const cold = await coldStart(place);
      await place.loseRegion();
      const count = Math.min(20_000, Number(webhooks));
      const calm = only === 'outage' ? [] : await stormInCalm(place, count, Math.min(5_000, Number(rate)));
      const outage = only === 'storm' ? [] : await stormInOutage(place);
      return [...calm, cold, ...outage];
    } finally {
      await place.close();
    }
  },
};

/**
 * Processes that just started compile as they go: shown by itself, and over before anything is measured. No recovery may come of
 * it: another would not start by itself so soon after.
 */
async function coldStart({ url, senders, client }: Place): Promise<Figure> {
  const { answers } = await replay(url, makeStorm(COLD.webhooks, senders).sent, COLD.perSecond);
  await endAll(client);
  const p99 = quantile(sortedTimes(answers), 0.99);
  const name = `the first ${COLD.webhooks} webhooks of a gateway that just started, acknowledgement p99`;
  return { name, unit: 'ms', values: [p99], bound: null };
}

async function stormInCalm({ url, senders, client }: Place, webhooks: number, perSecond: number): Promise<Figure[]> {
  const made = makeStorm(webhooks, senders);
  const since = new Date();
  const { answers, seconds } = await replay(url, made.sent, perSecond);
  const times = sortedTimes(answers);
  say(`storm: ${answers.length} webhooks in ${seconds.toFixed(1)} s; answers: ${statuses(answers)}`);
  say(`ack: p50 ${quantile(times, 0.5)} ms, max ${times.at(-1)?.toFixed(0)} ms; load: ${load()}`);
  const { openIncidents, recoveries, longest, events, runs } = await measureHistories(client, since);
  const refused = refusedOf(answers);
  await redeliver(url, refused);
  const lost = await countLost(client, made);
  await endAll(client);
  const of = `${webhooks} webhooks`;
  return [
    { ...atMost(TARGET.p99Ms, quantile(times, 0.99)), name: `${of}, acknowledgement p99`, unit: 'ms' },
    { ...atLeast(TARGET.perSecond, answers.length / seconds), name: `${of}, rate`, unit: 'per second' },
    { ...exactly(1, openIncidents), name: `${of}, open incidents`, unit: '' },
    { ...exactly(1, recoveries), name: `${of}, recoveries started by what is seen`, unit: '' },
    { ...atMost(TARGET.events, longest), name: `${of}, events of the incident's longest run`, unit: 'events' },
    { values: [events], bound: null, name: `${of}, events of all runs of the incident`, unit: 'events' },
    { values: [runs], bound: null, name: `${of}, runs of the incident`, unit: '' },
    { ...exactly(0, refused.length), name: `${of}, refused at first`, unit: '' },
    { ...exactly(0, lost), name: `${of}, alerts lost after redelivery`, unit: '' },
  ];
}

async function stormInOutage({ url, senders, client, temporal }: Place): Promise<Figure[]> {
  const made = makeStorm(OUTAGE.webhooks, senders);
  const thirdMs = (OUTAGE.webhooks / OUTAGE.perSecond / 3) * 1_000;
  const down = Promise.withResolvers<void>();
  setTimeout(() => temporal.outage(OUTAGE.downMs).then(down.resolve, down.reject), thirdMs);
  const [{ answers }] = await Promise.all([replay(url, made.sent, OUTAGE.perSecond), down.promise]);
  await temporal.up();
  const refused = refusedOf(answers);
  say(`outage of ${OUTAGE.downMs} ms: ${answers.length} webhooks; answers: ${statuses(answers)}; load: ${load()}`);
  const rounds = await redeliver(url, refused);
  say(`redelivered ${refused.length} webhooks in ${rounds} round(s)`);
  const others = refused.filter(({ status }) => status !== 503).length;
  const lost = await countLost(client, made);
  const of = 'Temporal killed in mid-storm';
  return [
    { ...atLeast(1, refused.length), name: `${of}, webhooks answered 503`, unit: '' },
    { ...exactly(0, others), name: `${of}, refused otherwise`, unit: '' },
    { ...exactly(0, lost), name: `${of}, alerts lost after redelivery`, unit: '' },
  ];
}

const atMost = (limit: number, value: number) => ({ values: [value], bound: { of: 'every' as const, atMost: limit } });
const atLeast = (limit: number, value: number) => ({
  values: [value],
  bound: { of: 'every' as const, atLeast: limit },
});
/** What differs from it, in either direction, is not met. */
const exactly = (wanted: number, value: number) => (value < wanted ? atLeast(wanted, value) : atMost(wanted, value));

/** How many alerts are not in the incident in their last state. */
async function countLost(client: Place['client'], made: Storm): Promise<number> {
  const lost = await alertsLost(client, made);
  say(`alerts sent: ${made.states.size}; lost: ${lost.join(', ') || 'none'}`);
  return lost.length;
}

/** What a sender sends again. A replay that is refused as such was taken before. */
const refusedOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200 && status !== 409);

function statuses(answers: readonly Answer[]): string {
  const groups = Object.entries(Object.groupBy(answers, ({ status }) => `${status}`));
  return groups.map(([status, of]) => `${of?.length} × ${status}`).join(', ');
}

const sortedTimes = (answers: readonly Answer[]) => answers.map(({ ms }) => ms).sort((a, b) => a - b);

const quantile = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);

const say = (line: string) => void console.log(line);
