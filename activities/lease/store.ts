import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Lease } from './lease.ts';
import { Rebuild } from './rebuild.ts';

/** A lease as read, with the ETag that a change of it must name. */
export interface Stored {
  lease: Lease;
  etag: string;
  /**
   * How far our clock is from the store's at least, in milliseconds; 0 when they may be equal, null when it did not
   * tell its time.
   */
  apartMs: number | null;
  /** Milliseconds at least since the store took it, by the store's clock alone; null when it did not tell. */
  ageMs: number | null;
}

/** The lease in storage, changed only by compare-and-set. Every call throws when the store cannot tell. */
export interface LeaseStore {
  /** Null when there is no lease. */
  read(): Promise<Stored | null>;
  /**
   * Writes the lease if it is still what `expected` says: an ETag, or null for "there is none".
   *
   * @returns the new ETag, or null when somebody else changed the lease first
   */
  write(lease: Lease, expected: string | null): Promise<string | null>;
  /**
   * Milliseconds at least since a fenced region last said that it would take the lease, by the store's clock; null when
   * it never did.
   */
  waitingForMs(region: string): Promise<number | null>;
  announceWaiting(region: string): Promise<void>;
  /** Why a region's PostgreSQL last ended by itself, and how long ago at least; null when it never did. */
  lastFailure(region: string): Promise<{ reason: string; ageMs: number | null } | null>;
  announceFailure(region: string, reason: string): Promise<void>;
  /** What was last asked of a region's guard; null when nothing ever was. */
  readRebuild(region: string): Promise<{ rebuild: Rebuild; etag: string } | null>;
  /** As `write`. */
  writeRebuild(region: string, rebuild: Rebuild, expected: string | null): Promise<string | null>;
  close(): void;
}

export interface LeaseLocation {
  bucket: string;
  key: string;
  aws: { region: string; endpoint?: string | undefined };
}

/**
 * The lease as one object in S3, or in storage that speaks S3 and honours If-Match and If-None-Match on PutObject
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
 *
 * @param timeoutMs how long one call may take; calls are not tried again, so that a late one never surprises
 */
export function s3LeaseStore({ bucket, key, aws }: LeaseLocation, timeoutMs: number): LeaseStore {
  const client = new S3Client({
    region: aws.region,
    ...(aws.endpoint === undefined ? {} : { endpoint: aws.endpoint, forcePathStyle: true }),
    maxAttempts: 1,
  });
  const at = (name: string) => ({ client, timeoutMs, Bucket: bucket, Key: name });
  const lease = at(key);
  const waiting = (region: string) => at(`${key}.waiting-${region}`);
  const failure = (region: string) => at(`${key}.failure-${region}`);
  const rebuild = (region: string) => at(`${key}.rebuild-${region}`);
  return {
    async read() {
      const found = await get(lease, (text) => Lease.parse(JSON.parse(text)));
      if (found === null) return null;
      const { value, storedAt, ...seen } = found;
      return { lease: { ...value, storedAt }, ...seen };
    },
    write: (next, expected) => put(lease, JSON.stringify({ ...next, storedAt: undefined }), expected),
    waitingForMs: async (region) => (await get(waiting(region), (text) => text))?.ageMs ?? null,
    announceWaiting: (region) => overwrite(waiting(region), new Date().toISOString()),
    async lastFailure(region) {
      const found = await get(failure(region), (text) => text);
      return found && { reason: found.value, ageMs: found.ageMs };
    },
    announceFailure: (region, reason) => overwrite(failure(region), reason),
    async readRebuild(region) {
      const found = await get(rebuild(region), (text) => Rebuild.parse(JSON.parse(text)));
      return found && { rebuild: found.value, etag: found.etag };
    },
    writeRebuild: (region, next, expected) => put(rebuild(region), JSON.stringify(next), expected),
    close: () => client.destroy(),
  };
}

/** One object of the store. */
interface Place {
  client: S3Client;
  timeoutMs: number;
  Bucket: string;
  Key: string;
}

interface Got<T> extends Omit<Stored, 'lease'> {
  value: T;
  /** When the store took it, by the store's clock; null when it did not tell. */
  storedAt: string | null;
}

/** What an object says, and its ETag; null when there is none. */
async function get<T>(place: Place, parse: (text: string) => T): Promise<Got<T> | null> {
  const { client, timeoutMs, Bucket, Key } = place;
  try {
    return await within(timeoutMs, async (options) => {
      const command = new GetObjectCommand({ Bucket, Key });
      const told = timeTold(command);
      const askedAt = Date.now();
      const answer = await client.send(command, options);
      const apartMs = apart(told(), askedAt, Date.now());
      const value = parse((await answer.Body?.transformToString()) ?? '');
      return { value, etag: etagOf(answer.ETag), apartMs, ...ageOf(answer.LastModified, told()) };
    });
  } catch (error) {
    if (nameOf(error) === 'NoSuchKey') return null;
    throw unreadable('read', `${Bucket}/${Key}`, error);
  }
}

/** The store's clock as the answer's Date header tells it, which the SDK keeps to itself; NaN without one. */
function timeTold(command: GetObjectCommand): () => number {
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
      return result;
    },
    { step: 'deserialize', name: 'timeTold' },
  );
  return () => Date.parse(date ?? '');
}

/** Both headers tell whole seconds. */
const RESOLUTION_MS = 1_000;

function ageOf(modified: Date | undefined, told: number): Pick<Got<unknown>, 'storedAt' | 'ageMs'> {
  if (modified === undefined) return { storedAt: null, ageMs: null };
  const ageMs = Number.isNaN(told) ? null : Math.max(0, told - modified.getTime() - RESOLUTION_MS);
  return { storedAt: modified.toISOString(), ageMs };
}

/**
 * How far our clock is from the store's at least, from what it told between two moments of ours. Pure; milliseconds.
 *
 * @param told NaN when it told nothing: then the answer is null
 */
export function apart(told: number, askedAt: number, answeredAt: number): number | null {
  if (Number.isNaN(told)) return null;
  return Math.max(0, askedAt - (told + RESOLUTION_MS), told - answeredAt);
}

async function overwrite({ client, timeoutMs, Bucket, Key }: Place, Body: string): Promise<void> {
  await within(timeoutMs, (options) => client.send(new PutObjectCommand({ Bucket, Key, Body }), options));
}

/** Writes an object that is still what `expected` says; the new ETag, or null when somebody else was first. */
async function put(place: Place, text: string, expected: string | null): Promise<string | null> {
  const { client, timeoutMs, Bucket, Key } = place;
  const condition = expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
  const command = new PutObjectCommand({ Bucket, Key, ...condition, Body: text, ContentType: 'application/json' });
  try {
    return await within(timeoutMs, async (options) => etagOf((await client.send(command, options)).ETag));
  } catch (error) {
    if (LOST_THE_RACE.has(nameOf(error))) return null;
    throw unreadable('write', `${Bucket}/${Key}`, error);
  }
}

/** S3 answers 412 when the object differs, 409 when another write was under way, 404 when it has been deleted. */
const LOST_THE_RACE = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

/** The SDK's own time-outs do not cover a body that stops half-way; this one does. */
async function within<T>(timeoutMs: number, call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    abortSignal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true });
  });
  return await Promise.race([call({ abortSignal }), late]);
}

function etagOf(etag: string | undefined): string {
  if (etag === undefined) throw new Error('the store gave no ETag');
  return etag;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function unreadable(verb: string, where: string, error: unknown): Error {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(`cannot ${verb} the lease ${where}: ${why}`, { cause: error });
}
