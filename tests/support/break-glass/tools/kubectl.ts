import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { V1Deployment } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { isRolledOut, progressOf, replicasOf } from '../../../../activities/workloads/kubernetes/rollout.ts';
import { eventually } from '../../../../lab/eventually.ts';

/**
 * Stands in for kubectl, which the lab does not have: the few words that runbooks use, sent to the real API server. It
 * reads the lab's kubeconfig itself, since the client library takes seconds to load.
 */
const [, kubeconfig = '', , namespace = '', verb = '', ...words] = process.argv.slice(2);

const config = parse(readFileSync(kubeconfig, 'utf8'));
const [{ cluster }] = config.clusters;
const [{ user }] = config.users;
const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');

async function send(method: string, path: string, body?: string): Promise<V1Deployment> {
  const patch = body === undefined ? {} : { 'content-type': 'application/merge-patch+json' };
  const headers = { authorization: `Bearer ${user.token}`, ...patch };
  return await new Promise((resolve, reject) => {
    const sent = request(new URL(path, cluster.server), { ca, method, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      const text = Buffer.concat(parts).toString();
      if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text));
      else reject(new Error(`${response.statusCode} ${text}`));
    });
    sent.on('error', reject).end(body);
  });
}

function pathOf(object = ''): string {
  const [kind, name] = object.split('/');
  const group = kind === 'deployment' ? 'apis/apps/v1' : 'api/v1';
  return `/${group}/namespaces/${namespace}/${kind}s/${name}`;
}

const textOf = (deployment: V1Deployment) => progressOf(deployment, replicasOf(deployment));

const option = (name: string) => words[words.indexOf(name) + 1] ?? '';

switch (verb) {
  case 'get':
    console.log(textOf(await send('GET', pathOf(words[0]))));
    break;
  case 'scale':
    await send('PATCH', pathOf(words[0]), JSON.stringify({ spec: { replicas: Number(option('--replicas')) } }));
    break;
  case 'patch':
    await send('PATCH', pathOf(words[0]), option('--patch'));
    break;
  case 'rollout':
    await eventually({ what: words[1] ?? '', withinMs: 60_000 }, async () => {
      const deployment = await send('GET', pathOf(words[1]));
      if (!isRolledOut(deployment)) throw new Error(textOf(deployment));
    });
    break;
  default:
    throw new Error(`kubectl ${verb}`);
}
