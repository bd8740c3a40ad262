import { JetStreamApiError, type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { PRIMARY, type Region, STANDBY } from '../places.ts';
import { regional, type Wiring } from './wiring.ts';

const STREAM = 'ORDERS';
const MIRROR = 'ORDERS-MIRROR';

/** The stream of orders in the primary region, and its mirror in the other. Each region is a JetStream domain. */
export async function provisionStream(wiring: Wiring): Promise<void> {
  const common = { storage: StorageType.File, num_replicas: 1 };
  await withManager(wiring, PRIMARY, (manager) =>
    addMissing(manager, STREAM, () => manager.streams.add({ ...common, name: STREAM, subjects: ['orders.>'] })),
  );
  const external = { api: `$JS.${PRIMARY}.API` };
  await withManager(wiring, STANDBY, (manager) =>
    addMissing(manager, MIRROR, () =>
      manager.streams.add({ ...common, name: MIRROR, mirror: { name: STREAM, external } }),
    ),
  );
}

async function withManager(wiring: Wiring, region: Region, use: (manager: JetStreamManager) => Promise<void>) {
  const { host, port } = regional(wiring, region, 'NATS');
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
