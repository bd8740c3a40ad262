import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  InvalidChangeBatch,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { primaryOf, zoneOf } from '../shapes/shape.ts';
import { awsClient } from './aws-client.ts';
import { once } from './once.ts';
import { located, type Provisioned, wired } from './wiring.ts';

/** The hosted zone and the service's name in it, leading to the primary site at first. */
export async function provisionDns(lab: Provisioned): Promise<void> {
  const { wiring, shape } = lab;
  const route53 = new Route53Client(awsClient(wiring, shape.awsRegion));
  const { name } = zoneOf(shape, 'route53');
  const zone = `${name}.`;
  const nameServer = `ns1.${zone}`;
  const HostedZoneId = await hostedZone(route53, zone);
  const change = (Changes: Change[]) =>
    route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  // The SOA record that moto makes by itself cannot be served: its mail address has no dots in the right places.
  const soa = `${nameServer} hostmaster.${zone} 1 60 30 3600 1`;
  await change([
    record('UPSERT', 'SOA', zone, 60, soa),
    record('UPSERT', 'NS', zone, 60, nameServer),
    record('UPSERT', 'A', nameServer, 60, wired(wiring, 'LAB_C_HOST')),
  ]);
  await once(
    () => change([clientRecord('CREATE', lab)]),
    (refusal) => refusal instanceof InvalidChangeBatch && /already exists/.test(refusal.message),
  );
}

/** The name that clients use, leading to the primary site. */
export function clientRecord(action: 'CREATE' | 'UPSERT', lab: Provisioned): Change {
  const { record: name } = zoneOf(lab.shape, 'route53');
  return record(action, 'A', `${name}.`, 1, located(lab, primaryOf(lab.shape), 'APPLICATION').host);
}

async function hostedZone(route53: Route53Client, name: string): Promise<string> {
  const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: name }));
  const there = HostedZones?.find((zone) => zone.Name === name);
  if (there?.Id !== undefined) return there.Id;
  const made = await route53.send(new CreateHostedZoneCommand({ Name: name, CallerReference: `lab-${name}` }));
  return made.HostedZone?.Id as string;
}

function record(
  Action: 'UPSERT' | 'CREATE',
  Type: 'SOA' | 'NS' | 'A',
  Name: string,
  TTL: number,
  value: string,
): Change {
  return { Action, ResourceRecordSet: { Name, Type, TTL, ResourceRecords: [{ Value: value }] } };
}
