import { join } from 'node:path';
import { THIRD_PLACE } from './places.ts';
import { known } from './service.ts';
import { TEMPORAL_HOST } from './services/temporal.ts';
import { addressesOf, type Shape } from './shapes/shape.ts';
import type { LabState } from './state.ts';

/** The environment variables by which the project's own processes, and `environments/lab.yaml`, find the lab. */
export function wiringOf(
  shape: Shape,
  { name, hosts, ports, synchronous }: Pick<LabState, 'name' | 'hosts' | 'ports' | 'synchronous'>,
  folder: string,
): Record<string, string> {
  return {
    LAB_NAME: name,
    LAB_FOLDER: folder,
    ...Object.fromEntries(addressesOf(shape).map((address) => [address.variable, known(hosts, address.name)])),
    ...Object.fromEntries(Object.entries(ports).map(([port, number]) => [portVariable(port), `${number}`])),
    LAB_REPLICATION: synchronous ? 'synchronous' : 'asynchronous',
    LIFEBOAT_ENVIRONMENT: 'lab',
    LIFEBOAT_SECRETS_DIR: join(folder, 'secrets'),
    ...(ports['gateway'] && { LIFEBOAT_GATEWAY_URL: `http://${hosts[THIRD_PLACE]}:${ports['gateway']}` }),
    ...(ports['temporal'] && { TEMPORAL_ADDRESS: `${TEMPORAL_HOST}:${ports['temporal']}` }),
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: shape.awsRegion,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function portVariable(port: string): string {
  return `LAB_${port.toUpperCase().replaceAll('-', '_')}_PORT`;
}
