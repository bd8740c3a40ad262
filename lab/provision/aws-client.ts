import { central, type Wiring, wired } from './wiring.ts';

/** How every AWS client of the lab is made. */
export interface AwsClient {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export function awsClient(wiring: Wiring, region: string): AwsClient {
  const { host, port } = central(wiring, 'AWS');
  return {
    region,
    endpoint: `http://${host}:${port}`,
    credentials: {
      accessKeyId: wired(wiring, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: wired(wiring, 'AWS_SECRET_ACCESS_KEY'),
    },
  };
}
