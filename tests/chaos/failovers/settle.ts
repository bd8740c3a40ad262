import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeregisterTargetsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { analyticsActivities } from '../../../activities/analytics/index.ts';
import { databaseActivities } from '../../../activities/database/index.ts';
import { streamActivities } from '../../../activities/stream/index.ts';
import { workloadsActivities } from '../../../activities/workloads/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import type { Lab } from '../../../lab/lab.ts';
import { awsClient } from '../../../lab/provision/aws-client.ts';
import { dataHome } from '../../../lab/services/postgres-files.ts';
import { attempt, depsOf, recoveryRef } from '../../support/activities/step.ts';
import { CLIENT_NAME, otherRegion, type Region } from '../../support/lab/shape.ts';
import type { FastLab } from './fast-lab.ts';
import { groupOf, serves, targetsOf } from './look.ts';
import { comeBack } from './region.ts';

const WITHIN_MS = 30_000;
const DATABASE_MS = 60_000;

/**
 * Makes the other region a warm standby of the one that serves, by the product's own verbs, so that the next failover
 * can go there. What only it had is thrown away, as people would once they have looked at it.
 */
export async function settle(fast: FastLab, serving: Region): Promise<void> {
  const { lab, writers } = fast;
  const standby = otherRegion(serving);
  await comeBack(lab, standby);
  await comeBack(lab, serving);
  await Promise.all([
    followAgain(fast, serving, standby),
    mirrorAgain(fast, serving, standby),
    rejoin(fast, serving, standby),
    standDown(fast, serving, standby),
    unregister(lab, standby),
  ]);
  await eventually({ what: `${serving} to serve`, withinMs: WITHIN_MS }, () => serves(lab, CLIENT_NAME));
  writers.forget();
  await eventually({ what: `writes in ${serving}`, withinMs: WITHIN_MS, everyMs: 50 }, async () => {
    writers.hearClients();
    const some = [writers.direct, writers.clients].map((all) => all.filter(({ region }) => region === serving).length);
    if (Math.min(...some) < 10) throw new Error(`${some.join(' and ')} so far`);
  });
  writers.forget();
}

async function followAgain(fast: FastLab, from: Region, to: Region): Promise<void> {
  const { rebuildStandby } = databaseActivities(deps(fast));
  const step = { recovery: recoveryRef(), component: fast.component('database'), from, to };
  await attempt(rebuildStandby, step, { info: { startToCloseTimeoutMs: DATABASE_MS } });
  const home = dataHome(join(fast.lab.folder, to, 'postgres'));
  const kept = (await readdir(home)).filter((name) => name.includes('.before-'));
  await Promise.all(kept.map((name) => rm(join(home, name), { recursive: true, force: true })));
}

async function mirrorAgain(fast: FastLab, from: Region, to: Region): Promise<void> {
  await atStreams(fast.lab, to, async (streams) => {
    for await (const { config } of streams.list()) await streams.delete(config.name);
  });
  await atStreams(fast.lab, from, async (streams) => {
    for await (const { config } of streams.list()) await streams.purge(config.name);
  });
  const { mirrorStream } = streamActivities(deps(fast));
  await attempt(mirrorStream, { recovery: recoveryRef(), component: fast.component('events'), from, to });
}

type Streams = Awaited<ReturnType<typeof jetstreamManager>>['streams'];

async function atStreams(lab: Lab, region: Region, act: (streams: Streams) => Promise<void>): Promise<void> {
  const { host, port } = lab.endpoint(`${region}/nats`);
  const connection = await connect({ servers: `${host}:${port}`, ignoreClusterUpdates: true });
  try {
    await act((await jetstreamManager(connection)).streams);
  } finally {
    await connection.close();
  }
}

async function rejoin(fast: FastLab, from: Region, to: Region): Promise<void> {
  const { rejoinAnalytics } = analyticsActivities(deps(fast));
  const step = { recovery: recoveryRef(), component: fast.component('analytics') };
  await Promise.all([
    attempt(rejoinAnalytics, { ...step, from, to }),
    attempt(rejoinAnalytics, { ...step, from: to, to: from }),
  ]);
}

async function standDown(fast: FastLab, serving: Region, standby: Region): Promise<void> {
  const { standDownWorkloads } = workloadsActivities(deps(fast));
  const components = { component: fast.component('workloads'), database: fast.component('database') };
  await attempt(standDownWorkloads, { recovery: recoveryRef(), ...components, from: standby, to: serving });
}

async function unregister(lab: Lab, region: Region): Promise<void> {
  const Targets = await targetsOf(lab, region);
  if (Targets.length === 0) return;
  const client = new ElasticLoadBalancingV2Client(awsClient(lab.wiring, region));
  const TargetGroupArn = await groupOf(client, region);
  await client.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
  client.destroy();
}

const deps = ({ lab }: FastLab) => depsOf(lab.wiring['LIFEBOAT_SECRETS_DIR']);
