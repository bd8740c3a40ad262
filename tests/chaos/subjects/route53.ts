import { Resolver } from 'node:dns/promises';
import { ChangeResourceRecordSetsCommand, ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Snapshot } from '../../../activities/contract.ts';
import { dnsActivities } from '../../../activities/dns/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { startBetween } from '../../activities/between.ts';
import { batchRules } from '../../activities/dns/batch-rules.ts';
import { awsEndpoint, resolver } from '../../activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../activities/step.ts';
import type { Subject, Theatre } from './subject.ts';

const OLD = '127.0.0.10';
const NEW = '127.0.0.20';
const ZONE = 'teei.test';

const { captureDns, cutOverDns, restoreDns } = dnsActivities(depsOf());

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

    const asker = new Resolver({ timeout: 500, tries: 2 });
    asker.setServers([resolver(lab)]);
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

    const capture: Subject = {
      verb: 'captureDns',
      by: 'route53',
      async prepare(run) {
        const { step, seen } = await start(run);
        const both = async (answer: unknown) => ({ ...(await seen()), captured: (answer as Snapshot).detail });
        const captured = `run-${run}.${ZONE} A ${OLD} TTL 1 s`;
        return { input: step, seen: both, expected: { answers: OLD, changes: 0, captured } };
      },
    };
    const cutOver: Subject = {
      verb: 'cutOverDns',
      by: 'route53',
      async prepare(run) {
        const { step, seen } = await start(run);
        const snapshot = await attempt(captureDns, step);
        const act = () => attempt(restoreDns, { ...step, snapshot });
        const undo = { act, expected: { answers: OLD, changes: 2 } };
        return { input: step, seen, expected: { answers: NEW, changes: 1 }, undo };
      },
    };
    const restore: Subject = {
      verb: 'restoreDns',
      by: 'route53',
      async prepare(run) {
        const { step, seen } = await start(run);
        const snapshot = await attempt(captureDns, step);
        await attempt(cutOverDns, step);
        return { input: { ...step, snapshot }, seen, expected: { answers: OLD, changes: 2 } };
      },
    };
    const close = async () => {
      client.destroy();
      await between.end();
    };
    return { subjects: [capture, cutOver, restore], close };
  },
};
