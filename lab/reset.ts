import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Network } from './breaking/network.ts';
import { kill, startDead, thaw } from './breaking/processes.ts';
import { eventually } from './eventually.ts';
import type { Lab } from './lab.ts';
import { isMounted, removeMounts } from './mounts.ts';
import { THIRD_PLACE } from './places.ts';
import { provisionCloudflare } from './provision/cloudflare.ts';
import { resetBuckets, resetNames } from './resetting/aws.ts';
import { resetAnalytics, resetCaches, resetDatabase, resetStreams } from './resetting/data.ts';
import { resetKubernetes } from './resetting/kubernetes.ts';
import { emptySink, noAlerts } from './resetting/monitoring.ts';
import { forgetWorkflows } from './resetting/temporal.ts';
import { dataHome } from './services/postgres-files.ts';
import { instanceService } from './shapes/shape.ts';

/** What of the wiring only a row changed. */
const CHANGED_BY_ROWS = ['LIFEBOAT_RUNBOOKS'];

const third = (kind: string) => `${THIRD_PLACE}/${kind}`;
/** Closed meanwhile: an incident of what is replaced here would act, and notify. */
const ALERTMANAGER = third('alertmanager');
const GATEWAY = third('gateway');
/** Begin without what they wrote down. */
const EMPTIED = [ALERTMANAGER, ...['client', 'backups'].map(third)];

/**
 * Brings a lab that is up back to how it came up, whatever was broken in it: names, pods, object storage, databases,
 * streams, caches, alerts and workflows. Processes that hold nothing of it run on.
 */
export async function reset(lab: Lab): Promise<void> {
  const databases = lab.shape.database.instances.map(instanceService).filter((name) => lab.services.includes(name));
  await healAll(lab);
  await end(lab, EMPTIED);
  await startDead(lab, [third('temporal')]);
  await forgetWorkflows(lab);
  await end(lab, databases);
  if (await lab.forget(CHANGED_BY_ROWS)) await end(lab, [GATEWAY]);
  await Promise.all([...EMPTIED, 'runbooks'].map((name) => rm(join(lab.folder, name), FORCED)));
  await resetParts(lab, databases);
  await startDead(lab, lab.services);
  await Promise.all(lab.services.map((service) => answers(lab, service)));
}

/** Each part as soon as the services that hold it are there, beside the others. */
async function resetParts(lab: Lab, databases: readonly string[]): Promise<void> {
  const ofKind = (kind: string) => lab.services.filter((name) => name.endsWith(`/${kind}`));
  const [clusters, streams, analytics] = [
    ofKind('kubernetes'),
    ofKind('nats'),
    [third('zookeeper'), ...ofKind('clickhouse')],
  ];
  const aws = third('aws');
  const applications = ofKind('application');
  const later = [...clusters, ...streams, ...analytics, aws, ...applications, ...databases];
  await Promise.all([
    startDead(lab, [aws]).then(async () => {
      await resetBuckets(lab);
      await Promise.all([resetDatabase(lab, databases), resetNames(lab)]);
    }),
    startDead(lab, clusters).then(async () => {
      await resetKubernetes(lab);
      await startDead(lab, applications);
      await noAlerts(lab);
    }),
    startDead(lab, streams).then(() => resetStreams(lab)),
    startDead(lab, analytics).then(() => resetAnalytics(lab)),
    startDead(lab, without(lab, [...later, ...EMPTIED])).then(() => afterRestart(lab)),
  ]);
}

async function afterRestart(lab: Lab): Promise<void> {
  const has = (kind: string) => lab.services.includes(third(kind));
  await Promise.all([
    resetCaches(lab),
    has('cloudflare') && provisionCloudflare(lab, { anew: true }),
    has('sink') && emptySink(lab),
  ]);
}

const FORCED = { recursive: true, force: true } as const;
const ANSWERS_WITHIN_MS = 60_000;

const without = (lab: Lab, some: readonly string[]) => lab.services.filter((name) => !some.includes(name));

async function end(lab: Lab, services: readonly string[]): Promise<void> {
  const there = services.filter((name) => lab.services.includes(name));
  await Promise.all(there.map((service) => kill.act(lab, service)));
}

/** A name server takes a moment to see what changed behind it. */
function answers(lab: Lab, service: string): Promise<void> {
  const wait = { what: `${service} to answer`, withinMs: ANSWERS_WITHIN_MS, everyMs: 100 };
  return eventually(wait, () => lab.observe(service));
}

/** What is frozen goes on, the network is whole, and no disk is full. */
async function healAll(lab: Lab): Promise<void> {
  await Promise.all(lab.services.map((service) => thaw.act(lab, service)));
  await Network.of(lab)?.mend();
  await end(
    lab,
    lab.services.filter((service) => isMounted(dataHome(join(lab.folder, service)))),
  );
  await removeMounts(lab.folder);
}
