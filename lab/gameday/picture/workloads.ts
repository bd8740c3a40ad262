import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Lab } from '../../lab.ts';
import { kubeconfigSecret, namespaceOf, servingSites } from '../../shapes/shape.ts';
import type { Parts } from '../picture.ts';

/** Pods, and what they are started with: replicas, template and Secret of each region. Marks of recoveries stay. */
export function workloadParts(lab: Lab): Parts {
  const ofRegion = (region: string) => [
    [`replicas in ${region}`, () => replicas(lab, region)] as const,
    [`pod template in ${region}`, () => template(lab, region)] as const,
    [`database Secret in ${region}`, () => secret(lab, region)] as const,
  ];
  return Object.fromEntries(servingSites(lab.shape).flatMap(ofRegion));
}

async function configOf(lab: Lab, region: string): Promise<KubeConfig> {
  const config = new KubeConfig();
  config.loadFromString(await readFile(join(lab.folder, 'secrets', kubeconfigSecret(lab.shape, region)), 'utf8'));
  return config;
}

async function deployment(lab: Lab, region: string) {
  const apps = (await configOf(lab, region)).makeApiClient(AppsV1Api);
  return await apps.readNamespacedDeployment({ namespace: namespaceOf(lab.shape), name: 'api' });
}

async function replicas(lab: Lab, region: string): Promise<string> {
  const { spec, status } = await deployment(lab, region);
  return `${spec?.replicas} wanted, ${status?.readyReplicas ?? 0} ready, ${status?.replicas ?? 0} there`;
}

async function template(lab: Lab, region: string): Promise<string> {
  const { spec } = await deployment(lab, region);
  const { metadata, spec: pod } = spec?.template ?? {};
  const containers = pod?.containers.map(({ image, env }) => ({ image, env }));
  return JSON.stringify({ annotations: metadata?.annotations ?? {}, containers });
}

async function secret(lab: Lab, region: string): Promise<string> {
  const core = (await configOf(lab, region)).makeApiClient(CoreV1Api);
  const { data = {} } = await core.readNamespacedSecret({ namespace: namespaceOf(lab.shape), name: 'database' });
  const plain = Object.entries(data).map(([key, value]) => `${key}=${Buffer.from(value, 'base64')}`);
  return plain.sort().join(' ');
}
