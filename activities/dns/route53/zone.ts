import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  type HostedZone,
  ListHostedZonesByNameCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { callAws } from '../../aws.ts';
import { refusal } from '../../fault.ts';
import { DNS_PORT, type Server } from '../answers.ts';
import { plainName } from '../record.ts';

/** A hosted zone. */
export interface Zone {
  id: string;
  name: string;
}

/**
 * Finds the zone of a name. Of a public and a private zone of the same name, the public one is meant.
 *
 * @throws WiringInvalid when there is none, or more than one that could be meant
 */
export async function findZone(client: Route53Client, name: string): Promise<Zone> {
  const { HostedZones = [] } = await callAws(`find hosted zone ${name}`, (options) =>
    client.send(new ListHostedZonesByNameCommand({ DNSName: name }), options),
  );
  const named = HostedZones.filter((zone) => plainName(zone.Name ?? '') === plainName(name));
  const zones = named.length === 1 ? named : named.filter(isPublic);
  const [id, ...others] = zones.map(({ Id }) => Id);
  if (id === undefined) throw refusal('WiringInvalid', `there is no hosted zone ${name}`);
  if (others.length > 0) throw refusal('WiringInvalid', `there are ${zones.length} public hosted zones ${name}`);
  return { id, name };
}

function isPublic({ Config }: HostedZone): boolean {
  return Config?.PrivateZone !== true;
}

/** The name servers that the zone is delegated to. */
export async function nameServers(client: Route53Client, { id, name }: Zone): Promise<Server[]> {
  const { DelegationSet } = await callAws(`read hosted zone ${name}`, (options) =>
    client.send(new GetHostedZoneCommand({ Id: id }), options),
  );
  const names = DelegationSet?.NameServers ?? [];
  if (names.length === 0) {
    throw refusal(
      'WiringInvalid',
      `hosted zone ${name} has no name servers of its own; its wiring must name resolvers`,
    );
  }
  return names.map((server) => `${server}:${DNS_PORT}`);
}

/** Makes changes as one, which Route 53 does all or none of, and answers the change's id. */
export async function change(client: Route53Client, zone: Zone, changes: Change[], comment: string): Promise<string> {
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: zone.id,
    ChangeBatch: { Comment: comment, Changes: changes },
  });
  const { ChangeInfo } = await callAws(`change hosted zone ${zone.name}`, (options) => client.send(command, options));
  if (ChangeInfo?.Id === undefined) throw refusal('WiringInvalid', `hosted zone ${zone.name} names no change`);
  return ChangeInfo.Id;
}

/** How far a change is: `PENDING`, or `INSYNC` when all of Route 53's servers have it. */
export async function changeStatus(client: Route53Client, id: string): Promise<string> {
  const { ChangeInfo } = await callAws(`read change ${id}`, (options) =>
    client.send(new GetChangeCommand({ Id: id }), options),
  );
  return ChangeInfo?.Status ?? 'unknown';
}
