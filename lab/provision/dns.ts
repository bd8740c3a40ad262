import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  InvalidChangeBatch,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { PRIMARY } from '../places.ts';
import { awsClient } from './aws-client.ts';
import { once } from './once.ts';
import { type Wiring, wired } from './wiring.ts';

const ZONE = 'teei.test.';
const NAME_SERVER = `ns1.${ZONE}`;

/** The hosted zone `teei.test` and the service's name in it, leading to the primary region at first. */
export async function provisionDns(wiring: Wiring): Promise<void> {
  const route53 = new Route53Client(awsClient(wiring, PRIMARY));
  const HostedZoneId = await hostedZone(route53);
  const change = (Changes: Change[]) =>
    route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  // The SOA record that moto makes by itself cannot be served: its mail address has no dots in the right places.
  const soa = `${NAME_SERVER} hostmaster.${ZONE} 1 60 30 3600 1`;
  await change([
    record('UPSERT', 'SOA', ZONE, 60, soa),
    record('UPSERT', 'NS', ZONE, 60, NAME_SERVER),
    record('UPSERT', 'A', NAME_SERVER, 60, wired(wiring, 'LAB_C_HOST')),
  ]);
  await once(
    () => change([record('CREATE', 'A', `api.${ZONE}`, 1, wired(wiring, 'LAB_A_HOST'))]),
    (refusal) => refusal instanceof InvalidChangeBatch && /already exists/.test(refusal.message),
  );
}

async function hostedZone(route53: Route53Client): Promise<string> {
  const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: ZONE }));
  const there = HostedZones?.find((zone) => zone.Name === ZONE);
  if (there?.Id !== undefined) return there.Id;
  const made = await route53.send(new CreateHostedZoneCommand({ Name: ZONE, CallerReference: `lab-${ZONE}` }));
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
