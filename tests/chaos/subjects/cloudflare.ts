import { dnsActivities } from '../../../activities/dns/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { startBetween } from '../../support/activities/between.ts';
import { askerOf, resolver } from '../../support/activities/lab.ts';
import { depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import { EDGE_ZONE, SYSTEM } from '../../support/lab/shape.ts';
import { dnsSubjects, NEW, OLD } from './dns.ts';
import type { Theatre } from './subject.ts';

const ZONE = EDGE_ZONE;

/** Each run moves a name of its own; what changes a record is counted on its way. */
export const cloudflare: Theatre = {
  needs: ['third-place/dns'],
  async open(lab) {
    const secrets = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    const activities = dnsActivities(depsOf(secrets));
    const api = `http://${lab.wiring['LAB_C_HOST']}:${lab.wiring['LAB_CLOUDFLARE_PORT']}`;
    const token = await readSecret(secrets, `${SYSTEM}/cloudflare`);
    const batches: string[] = [];
    const between = await startBetween(api, {
      after({ path, body }, status) {
        if (path.endsWith('/batch') && status === 200) batches.push(body);
      },
    });
    const asker = askerOf(lab);
    async function ask<T>(method: string, path: string, body?: object): Promise<T> {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const url = `${api}/client/v4${path}`;
      const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return ((await response.json()) as { result: T }).result;
    }
    const [zone] = await ask<{ id: string }[]>('GET', `/zones?name=${ZONE}`);

    async function start(run: number) {
      const name = `run-${run}.${ZONE}`;
      const entry = { name, type: 'A', content: OLD, ttl: 1 };
      const { id } = await ask<{ id: string }>('POST', `/zones/${zone?.id}/dns_records`, entry);
      await eventually({ what: 'the first answer', withinMs: 10_000 }, () => asker.resolve4(name));
      const component = wired('edge-dns', 'cloudflare', {
        shared: {
          endpoint: `${between.endpoint}/client/v4`,
          tokenSecret: `${SYSTEM}/cloudflare`,
          zone: ZONE,
          records: [{ name, type: 'A', ttl: 1 }],
          resolvers: [resolver(lab)],
        },
        regions: { [FROM]: { values: [OLD] }, [TO]: { values: [NEW] } },
      });
      const seen = async () => ({
        answers: (await asker.resolve4(name)).join(),
        changes: batches.filter((body) => body.includes(`"${id}"`)).length,
      });
      return { step: stepOf(component, recoveryRef()), seen };
    }
    const captured = (run: number) => `run-${run}.${ZONE} A ${OLD}`;
    const subjects = dnsSubjects({ by: 'cloudflare', activities, start, captured });
    return { subjects, close: between.end as () => Promise<void> };
  },
};
