import { isDeepStrictEqual } from 'node:util';
import { type Change, Route53Client } from '@aws-sdk/client-route-53';
import { awsOptions } from '../aws.ts';
import type { Snapshot, Step, StepResult } from '../contract.ts';
import { fault } from '../fault.ts';
import { type Mark, markText } from '../mark.ts';
import { wiringOf } from '../provider.ts';
import { leftMs, stepDeadline } from '../step-time.ts';
import { together } from '../together.ts';
import { until } from '../until.ts';
import { afterText, moveText } from './detail.ts';
import type { DnsVerbs } from './index.ts';
import { keepProgress, type Progress, startProgress } from './progress.ts';
import { untilClientsFollow } from './propagation.ts';
import { keyText, valuesText } from './record.ts';
import { areOwn, type FoundMark, markChanges, readMarks } from './route53/mark.ts';
import { changeTo, type Found, negativeTtl, type Route53Record, readRecord } from './route53/record-set.ts';
import { change, changeStatus, findZone, nameServers, type Zone } from './route53/zone.ts';

/** Route 53 takes five requests a second, all callers of an account together. */
const STATUS_MS = 1_000;

interface State {
  records: Route53Record[];
}

/**
 * Simple records of an Amazon Route 53 hosted zone. Beside each name a TXT record, `_lifeboat.<name>`, says which
 * recovery moved it last; it is replaced in the same batch, so that an executor which comes late changes nothing.
 */
export function route53(): DnsVerbs {
  return {
    captureDns: (step) => inZone(step, (zone) => capture(zone, step)),
    cutOverDns: (step) => inZone(step, (zone) => move(zone, step, recordsIn(step, step.to), false)),
    restoreDns: (step) => inZone(step, (zone) => move(zone, step, (step.snapshot.state as State).records, true)),
  };
}

interface InZone extends Zone {
  client: Route53Client;
}

async function inZone<T>(step: Step, use: (zone: InZone) => Promise<T>): Promise<T> {
  const { aws, zone } = wiringOf<'route53'>(step.component, step.to).shared;
  const client = new Route53Client(awsOptions(aws));
  try {
    return await use({ client, ...(await findZone(client, zone)) });
  } finally {
    client.destroy();
  }
}

function recordsIn(step: Step, region: string): Route53Record[] {
  const { shared, region: own } = wiringOf<'route53'>(step.component, region);
  return shared.records.map(({ name, type, ttl }) => ({ name, type, ttlSeconds: ttl, values: own.values }));
}

async function capture(zone: InZone, step: Step): Promise<Snapshot> {
  const found = await readAll(zone, recordsIn(step, step.to));
  const records = found.map(({ name, type, ttlSeconds, values }) => ({ name, type, ttlSeconds, values }));
  const texts = records.map((record) => `${keyText(record)} ${valuesText(record.values)} TTL ${record.ttlSeconds} s`);
  return { detail: texts.join('; '), state: { records } satisfies State };
}

function readAll(zone: InZone, records: readonly Route53Record[]): Promise<Found[]> {
  return together(records.map((record) => readRecord(zone.client, zone, record)));
}

/** Brings records to what is wanted, and waits until clients follow. */
async function move(zone: InZone, step: Step, wanted: Route53Record[], restored: boolean): Promise<StepResult> {
  const startedAt = Date.now();
  const deadline = stepDeadline();
  const own: Mark = { recovery: step.recovery, restored };
  // Marks go first: whoever writes after they were read makes the batch below fail.
  const marks = await readMarks(zone.client, zone, wanted, own);
  const found = await readAll(zone, wanted);
  const progress = await changeAll(zone, { marks, own }, found, wanted);
  const inSyncAt = await untilInSync(zone, progress, deadline);
  const { resolvers } = wiringOf<'route53'>(step.component, step.to).shared;
  const servers = resolvers.length > 0 ? resolvers : await nameServers(zone.client, zone);
  const { answeredAt, expiredAt } = await untilClientsFollow({ servers, wanted, progress, deadline });
  const detail = [
    ...wanted.map((record, index) => moveText(found[index] ?? record, record)),
    ...(inSyncAt === null ? [] : [afterText('INSYNC', startedAt, inSyncAt)]),
    afterText('answers changed', startedAt, answeredAt),
    afterText('old TTL passed', startedAt, expiredAt),
  ];
  return { changed: progress.changed, detail: detail.join(', ') };
}

interface Marked {
  /** As they were read before anything else. */
  marks: readonly FoundMark[];
  own: Mark;
}

/** Changes what differs, in one request. Progress is kept before it: afterwards the old TTL cannot be read any more. */
async function changeAll(
  zone: InZone,
  marked: Marked,
  found: readonly Found[],
  wanted: readonly Route53Record[],
): Promise<Progress> {
  const due = wanted.flatMap((record, index) => dueChange(found[index], record) ?? []);
  const changing = due.length > 0;
  const absent = due.some(({ ttlSeconds }) => ttlSeconds === null);
  const negative = absent ? await negativeTtl(zone.client, zone) : 0;
  const ttls = (changing ? due : wanted).map(({ ttlSeconds }) => ttlSeconds ?? negative);
  const progress = startProgress(changing, ttls);
  if (!changing && areOwn(marked.marks, marked.own)) return progress;
  if (changing) keepProgress('about to change the records', progress);
  const changes = due.map((one) => one.change);
  const changeId = await changeMarked(zone, marked, wanted, changes);
  return changing ? { ...progress, changeId } : progress;
}

/** @throws LeaseLost, or NotReached to look again, when somebody else has changed a mark since it was read */
async function changeMarked(
  zone: InZone,
  { marks, own }: Marked,
  wanted: readonly Route53Record[],
  changes: readonly Change[],
): Promise<string> {
  const batch = [...changes, ...markChanges(marks, own)];
  try {
    return await change(zone.client, zone, batch, `lifeboat ${markText(own)}`);
  } catch (cause) {
    const now = await readMarks(zone.client, zone, wanted, own);
    if (isDeepStrictEqual(now, marks)) throw cause;
    throw fault('NotReached', `somebody else changed hosted zone ${zone.name} at the same time`);
  }
}

/** A change and how long the answers that it ends may live; null where the answer was that there is no such name. */
function dueChange(found: Found | undefined, wanted: Route53Record) {
  const change = found && changeTo(found, wanted);
  return change && { change, ttlSeconds: found.set === undefined ? null : found.ttlSeconds };
}

/** When the change had reached all of Route 53's servers; null when nothing was changed. */
async function untilInSync(zone: InZone, progress: Progress, deadline: number): Promise<number | null> {
  const { changeId } = progress;
  if (changeId === undefined) return null;
  const wait = { what: `change ${changeId}`, timeoutMs: leftMs(deadline), everyMs: STATUS_MS, progress };
  return until(wait, async (note) => {
    const status = await changeStatus(zone.client, changeId);
    note(status);
    return status === 'INSYNC' ? Date.now() : undefined;
  });
}
