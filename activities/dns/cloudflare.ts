import { isDeepStrictEqual } from 'node:util';
import type { Snapshot, Step, StepResult } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { fault, refusal } from '../fault.ts';
import type { Mark } from '../mark.ts';
import { wiringOf } from '../provider.ts';
import { stepDeadline } from '../step-time.ts';
import { together } from '../together.ts';
import { answeredTtl, DNS_PORT, negativeTtl, type Server } from './answers.ts';
import { cloudflareApi } from './cloudflare/api.ts';
import { type Edits, editsTo, isNothing } from './cloudflare/edits.ts';
import { areOwn, claimMarks, type FoundMark, markChanges, readMarks } from './cloudflare/mark.ts';
import { type Batch, type Entry, type EntryContent, findZone, type Zone } from './cloudflare/zone.ts';
import { afterText, moveText } from './detail.ts';
import type { DnsVerbs } from './index.ts';
import { keepProgress, startProgress } from './progress.ts';
import { untilClientsFollow } from './propagation.ts';
import { keyText, type RecordKey, valuesText } from './record.ts';

/** Cloudflare's word for "automatic", which is 300 s: https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/ */
const AUTOMATIC_TTL = 1;
const AUTOMATIC_SECONDS = 300;
/** The minimum in the SOA records of Cloudflare's zones, for one whose servers do not tell theirs. */
const NEGATIVE_TTL_SECONDS = 1_800;

/** A record as its entries say it; none means that there is no such record. */
interface CloudflareRecord extends RecordKey {
  entries: EntryContent[];
}

interface State {
  records: CloudflareRecord[];
}

/** A record as it is now. */
interface Found extends RecordKey {
  entries: Entry[];
}

/**
 * DNS records of a Cloudflare zone, proxied or not. Beside each name a TXT record, `_lifeboat.<name>`, says which
 * recovery moved it last; it is replaced in the same batch, so that an executor which comes late changes nothing.
 */
export function cloudflare(deps: Deps): DnsVerbs {
  return {
    captureDns: async (step) => capture(await zoneOf(deps, step), step),
    async cutOverDns(step) {
      const wanted = (found: Found[]) => found.map((record) => recordIn(step, record));
      return move(await zoneOf(deps, step), step, { keys: keysOf(step), wanted, restored: false });
    },
    async restoreDns(step) {
      const { records } = step.snapshot.state as State;
      return move(await zoneOf(deps, step), step, { keys: records, wanted: () => records, restored: true });
    },
  };
}

async function zoneOf(deps: Deps, step: Step): Promise<Zone> {
  const { tokenSecret, endpoint, zone } = wiringOf<'cloudflare'>(step.component, step.to).shared;
  return findZone(cloudflareApi(await deps.secrets.get(tokenSecret), endpoint), zone);
}

function keysOf(step: Step): RecordKey[] {
  return wiringOf<'cloudflare'>(step.component, step.to).shared.records;
}

function readAll(zone: Zone, keys: readonly RecordKey[]): Promise<Found[]> {
  return together(keys.map(async ({ name, type }) => ({ name, type, entries: await zone.entries({ name, type }) })));
}

async function capture(zone: Zone, step: Step): Promise<Snapshot> {
  const found = await readAll(zone, keysOf(step));
  const records = found.map(({ entries, ...key }) => ({
    ...key,
    entries: entries.map(({ content, ttl, proxied, comment, tags }) => ({ content, ttl, proxied, comment, tags })),
  }));
  const texts = records.map((record) => `${keyText(record)} ${valuesText(valuesOf(record).values)}`);
  return { detail: texts.join('; '), state: { records } satisfies State };
}

/** What a record says when `to` serves. It stays proxied, whose time to live is always automatic. */
function recordIn(step: Step, { name, type, entries }: Found): CloudflareRecord {
  const { shared, region } = wiringOf<'cloudflare'>(step.component, step.to);
  const proxied = entries.some((entry) => entry.proxied);
  const wired = shared.records.find((record) => record.name === name && record.type === type)?.ttl;
  const ttl = proxied ? AUTOMATIC_TTL : Math.max(wired ?? AUTOMATIC_TTL, AUTOMATIC_TTL);
  return { name, type, entries: region.values.map((content) => ({ content, ttl, proxied })) };
}

interface Goal {
  keys: readonly RecordKey[];
  /** From the records as they are. */
  wanted(found: Found[]): CloudflareRecord[];
  restored: boolean;
}

/** Brings records to what is wanted, and waits until clients follow. */
async function move(zone: Zone, step: Step, { keys, wanted: wantedOf, restored }: Goal): Promise<StepResult> {
  const startedAt = Date.now();
  const deadline = stepDeadline();
  const servers = await serversOf(zone, step);
  const own: Mark = { recovery: step.recovery, restored };
  // Marks go first: whoever writes after they were read makes the batch below fail.
  const marks = await claimMarks(zone, keys, own);
  const found = await readAll(zone, keys);
  const wanted = wantedOf(found);
  const edits = wanted.map((record, index) => editsTo(found[index]?.entries ?? [], record.entries));
  const due = found.filter((_, index) => !isNothing(edits[index]));
  const changing = due.length > 0;
  const progress = startProgress(changing, await ttlsOf(zone.name, servers, changing ? due : wanted));
  if (changing) keepProgress('about to change the records', progress);
  if (changing || !areOwn(marks, own)) await editAll(zone, { marks, own }, wanted, edits);
  const { changed } = progress;
  const moves = wanted.map((record, index) => moveText(valuesOf(found[index] ?? record), valuesOf(record)));
  // Behind the proxy clients keep the address they have, and Cloudflare's edge follows the record at once.
  const answering = wanted.filter(({ entries }) => !entries.some(({ proxied }) => proxied)).map(valuesOf);
  if (answering.length === 0) return { changed, detail: `${moves.join(', ')}, proxied: Cloudflare's edge follows` };
  const reached = await untilClientsFollow({ servers, wanted: answering, progress, deadline });
  const detail = [
    ...moves,
    afterText('answers changed', startedAt, reached.answeredAt),
    afterText('old TTL passed', startedAt, reached.expiredAt),
  ];
  return { changed, detail: detail.join(', ') };
}

interface Marked {
  /** As they were read before anything else. */
  marks: readonly FoundMark[];
  own: Mark;
}

/** @throws LeaseLost, or NotReached to look again, when somebody else has changed a mark since it was read */
async function editAll(
  zone: Zone,
  { marks, own }: Marked,
  records: readonly RecordKey[],
  edits: readonly Edits[],
): Promise<void> {
  const { deletes, posts } = markChanges(marks, own);
  const batch: Batch = {
    deletes: [...deletes, ...edits.flatMap(({ remove }) => remove.map(({ id }) => ({ id })))],
    patches: edits.flatMap(({ patch }) => patch.map(({ entry, to }) => ({ id: entry.id, ...to }))),
    posts: [
      ...records.flatMap(({ name, type }, index) =>
        (edits[index]?.add ?? []).map((entry) => ({ name, type, ...entry })),
      ),
      ...posts,
    ],
  };
  try {
    await zone.batch(batch);
  } catch (cause) {
    const now = await readMarks(zone, records, own);
    if (isDeepStrictEqual(now, marks)) throw cause;
    throw fault('NotReached', `somebody else changed zone ${zone.name} at the same time`);
  }
}

function ttlsOf(zone: string, servers: readonly Server[], records: readonly CloudflareRecord[]): Promise<number[]> {
  return together(
    records.map(async (record) =>
      record.entries.length === 0
        ? ((await negativeTtl(servers, zone)) ?? NEGATIVE_TTL_SECONDS)
        : await ttlSeconds(servers, record),
    ),
  );
}

/** What "automatic" comes to is for the zone's servers to say. */
async function ttlSeconds(servers: readonly Server[], record: CloudflareRecord): Promise<number> {
  const longest = Math.max(0, ...record.entries.map(({ ttl }) => ttl));
  if (longest !== AUTOMATIC_TTL) return longest;
  return (await answeredTtl(servers, record)) ?? AUTOMATIC_SECONDS;
}

async function serversOf(zone: Zone, step: Step): Promise<Server[]> {
  const { resolvers, zone: name } = wiringOf<'cloudflare'>(step.component, step.to).shared;
  if (resolvers.length > 0) return resolvers;
  const servers = await zone.nameServers();
  if (servers.length === 0)
    throw refusal('WiringInvalid', `zone ${name} has no name servers: its wiring must name resolvers`);
  return servers.map((server) => `${server}:${DNS_PORT}`);
}

function valuesOf({ name, type, entries }: CloudflareRecord) {
  return { name, type, values: entries.map(({ content }) => content) };
}
