import { ListResourceRecordSetsCommand, type ResourceRecordSet, type Route53Client } from '@aws-sdk/client-route-53';

/**
 * Route 53's own rules for batches, which moto does not hold: a record is deleted only where the batch names its
 * values as they are, and created only where there is none
 * (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html). Answers the refusal of a
 * batch that breaks them; null for all else.
 */
export function batchRules(client: Route53Client, zoneId: () => string | undefined) {
  return async ({ method, path, body }: { method: string; path: string; body: string }): Promise<string | null> => {
    if (method !== 'POST' || !path.includes('/rrset')) return null;
    const { ResourceRecordSets = [] } = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zoneId() }),
    );
    const there = new Map(ResourceRecordSets.map((set) => [keyOf(set), valuesOf(set)]));
    for (const [, change = ''] of body.matchAll(/<Change>(.*?)<\/Change>/gs)) {
      const why = broken(change, there);
      if (why !== null) return refusal(why);
    }
    return null;
  };
}

/** Takes the change into `there`, as Route 53 does one after the other within a batch. */
function broken(change: string, there: Map<string, string>): string | null {
  const action = element(change, 'Action');
  const key = `${element(change, 'Name').replace(/\.$/, '')} ${element(change, 'Type')}`;
  const values = [...change.matchAll(/<Value>(.*?)<\/Value>/gs)].map(([, value = '']) => plain(value)).join();
  if (action === 'DELETE' && there.get(key) !== values) return `${key} was not found with these values`;
  if (action === 'CREATE' && there.has(key)) return `${key} already exists`;
  if (action === 'DELETE') there.delete(key);
  else there.set(key, values);
  return null;
}

const element = (xml: string, name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';

const plain = (value: string) => value.replaceAll('&quot;', '"');

const keyOf = ({ Name = '', Type }: ResourceRecordSet) => `${Name.replace(/\.$/, '')} ${Type}`;

const valuesOf = ({ ResourceRecords = [] }: ResourceRecordSet) => ResourceRecords.map(({ Value }) => Value).join();

function refusal(why: string): string {
  return `<?xml version="1.0"?>
<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
<Messages><Message>${why}</Message></Messages><RequestId>1</RequestId></InvalidChangeBatch>`;
}
