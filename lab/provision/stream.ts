import { JetStreamApiError, type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { primaryOf, standbyOf } from '../shapes/shape.ts';
import { located, type Provisioned } from './wiring.ts';

const STREAM = 'ORDERS';
const MIRROR = 'ORDERS-MIRROR';

/** The stream of orders in the primary site, and its mirror in the standby. Each site is a JetStream domain. */
export async function provisionStream(lab: Provisioned): Promise<void> {
  const [primary, standby] = [primaryOf(lab.shape), standbyOf(lab.shape)];
  const common = { storage: StorageType.File, num_replicas: 1 };
  await withManager(lab, primary, (manager) =>
    addMissing(manager, STREAM, () => manager.streams.add({ ...common, name: STREAM, subjects: ['orders.>'] })),
  );
  const external = { api: `$JS.${primary}.API` };
  await withManager(lab, standby, (manager) =>
    addMissing(manager, MIRROR, () =>
      manager.streams.add({ ...common, name: MIRROR, mirror: { name: STREAM, external } }),
    ),
  );
}

async function withManager(lab: Provisioned, site: string, use: (manager: JetStreamManager) => Promise<void>) {
  const { host, port } = located(lab, site, 'NATS');
  const connection = await connect({ servers: `${host}:${port}`, name: 'provision', ignoreClusterUpdates: true });
  try {
    await use(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

async function addMissing(manager: JetStreamManager, name: string, add: () => Promise<unknown>): Promise<void> {
  try {
    await manager.streams.info(name);
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError)) throw cause;
    await add();
  }
}
