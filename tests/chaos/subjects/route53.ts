import { ChangeResourceRecordSetsCommand, ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { dnsActivities } from '../../../activities/dns/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { startBetween } from '../../support/activities/between.ts';
import { batchRules } from '../../support/activities/dns/batch-rules.ts';
import { askerOf, awsEndpoint, resolver } from '../../support/activities/lab.ts';
import { depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import { ZONE } from '../../support/lab/shape.ts';
import { dnsSubjects, NEW, OLD } from './dns.ts';
import type { Theatre } from './subject.ts';

const activities = dnsActivities(depsOf());

/** Route 53 with its own rules for batches; changes of a record are counted on their way there. */
export const route53: Theatre = {
  needs: ['third-place/dns'],
  async open(lab) {
    const client = new Route53Client({ region: 'us-east-1', endpoint: awsEndpoint(lab) });
    const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: ZONE }));
    const zoneId = HostedZones?.[0]?.Id;
    const rules = batchRules(client, () => zoneId);
    const batches: string[] = [];
    const between = await startBetween(awsEndpoint(lab), {
      async before(request) {
        const refused = await rules(request);
        if (refused === null && request.method === 'POST') batches.push(request.body);
        return refused;
      },
    });

    const asker = askerOf(lab);
    async function start(run: number) {
      const name = `run-${run}.${ZONE}`;
      const ResourceRecordSet = { Name: name, Type: 'A' as const, TTL: 1, ResourceRecords: [{ Value: OLD }] };
      const ChangeBatch = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet }] };
      await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch }));
      await eventually({ what: 'the first answer', withinMs: 10_000 }, () => asker.resolve4(name));
      const component = wired('dns', 'route53', {
        shared: {
          aws: { region: 'us-east-1', endpoint: between.endpoint },
          zone: ZONE,
          records: [{ name, type: 'A', ttl: 1 }],
          resolvers: [resolver(lab)],
        },
        regions: { [FROM]: { values: [OLD] }, [TO]: { values: [NEW] } },
      });
      const seen = async () => ({
        answers: (await asker.resolve4(name)).join(),
        changes: batches.filter((body) => body.includes(`<Name>${name}</Name><Type>A</Type>`)).length,
      });
      return { step: stepOf(component, recoveryRef()), seen };
    }

    const captured = (run: number) => `run-${run}.${ZONE} A ${OLD} TTL 1 s`;
    const subjects = dnsSubjects({ by: 'route53', activities, start, captured });
    const close = async () => {
      client.destroy();
      await between.end();
    };
    return { subjects, close };
  },
};
