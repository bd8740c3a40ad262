import {
  type Change,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { callAws } from '../../aws.ts';
import { refusal } from '../../fault.ts';
import { keyText, plainName, type RecordKey, type RecordValues, sameValues } from '../record.ts';
import type { Zone } from './zone.ts';

/** A record, its time to live in seconds, and all else that Route 53 holds of it. */
export interface Route53Record extends RecordValues {
  ttlSeconds: number;
}

/** A record as it is now; `set` is undefined when there is none. */
export interface Found extends Route53Record {
  set: ResourceRecordSet | undefined;
}

/** Fields of routing policies, which this provider leaves to people. */
const POLICIES = {
  SetIdentifier: 'a routing policy',
  TrafficPolicyInstanceId: 'a traffic policy',
  AliasTarget: 'an alias',
} as const satisfies Partial<Record<keyof ResourceRecordSet, string>>;

/**
 * Reads a record as it is now.
 *
 * @throws WiringInvalid for an alias, and for weighted, failover, latency and other routing policies: they have more
 *   than values, and replacing them with values would destroy it
 */
export async function readRecord(client: Route53Client, zone: Zone, key: RecordKey): Promise<Found> {
  const set = await findSet(client, zone, key.name, key.type);
  refusePolicies(key, set);
  return {
    name: key.name,
    type: key.type,
    ttlSeconds: set?.TTL ?? 0,
    values: (set?.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
    set,
  };
}

/** What Route 53 gives its own SOA records, for a zone whose record cannot be read. */
const NEGATIVE_TTL_SECONDS = 900;

/** How long resolvers keep that a name does not exist, in seconds: by the zone's SOA record (RFC 2308). */
export async function negativeTtl(client: Route53Client, zone: Zone): Promise<number> {
  const set = await findSet(client, zone, zone.name, 'SOA');
  const minimum = Number(set?.ResourceRecords?.[0]?.Value?.trim().split(/\s+/).at(-1));
  return Number.isFinite(minimum) ? Math.min(minimum, set?.TTL ?? minimum) : NEGATIVE_TTL_SECONDS;
}

/** A record set as Route 53 holds it; undefined when there is none. */
export async function findSet(
  client: Route53Client,
  zone: Zone,
  name: string,
  type: RRType,
): Promise<ResourceRecordSet | undefined> {
  const command = new ListResourceRecordSetsCommand({
    HostedZoneId: zone.id,
    StartRecordName: name,
    StartRecordType: type,
    MaxItems: 2,
  });
  const what = `read ${plainName(name)} ${type} of hosted zone ${zone.name}`;
  const { ResourceRecordSets = [] } = await callAws(what, (options) => client.send(command, options));
  return ResourceRecordSets.find(({ Name, Type }) => plainName(Name ?? '') === plainName(name) && Type === type);
}

function refusePolicies(key: RecordKey, set: ResourceRecordSet | undefined): void {
  for (const [field, kind] of Object.entries(POLICIES)) {
    if (set?.[field as keyof typeof POLICIES] === undefined) continue;
    throw refusal(
      'WiringInvalid',
      `${keyText(key)} is ${kind}; only simple records are cut over, so it is left as it is`,
    );
  }
}

/** The change that brings a record from what it is to what is wanted; undefined when it is that already. */
export function changeTo(found: Found, wanted: Route53Record): Change | undefined {
  const { type, values, ttlSeconds } = wanted;
  if (sameValues(type, found.values, values) && (values.length === 0 || found.ttlSeconds === ttlSeconds)) {
    return undefined;
  }
  if (values.length === 0) return { Action: 'DELETE', ResourceRecordSet: found.set };
  return {
    Action: 'UPSERT',
    ResourceRecordSet: {
      ...found.set,
      Name: wanted.name,
      Type: type,
      TTL: ttlSeconds,
      ResourceRecords: values.map((Value) => ({ Value })),
    },
  };
}
