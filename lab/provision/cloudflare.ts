import { readSecret } from '../secrets.ts';
import { central, type Wiring, wired } from './wiring.ts';

const ZONE = 'teei-edge.test';
const RECORD = `www.${ZONE}`;

/** The edge's record, leading to the primary region at first. */
export async function provisionCloudflare(wiring: Wiring): Promise<void> {
  const token = await readSecret(wired(wiring, 'LIFEBOAT_SECRETS_DIR'), 'teei-csr/cloudflare');
  const { host, port } = central(wiring, 'CLOUDFLARE');
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://${host}:${port}/client/v4/zones${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { success: boolean; errors: { message: string }[]; result: T };
    if (!answer.success) throw new Error(`Cloudflare refuses ${path}: ${answer.errors[0]?.message}`);
    return answer.result;
  };
  const [zone] = await call<{ id: string }[]>(`?name=${ZONE}`);
  if (zone === undefined) throw new Error(`Cloudflare has no zone ${ZONE}`);
  const records = `/${zone.id}/dns_records`;
  const there = await call<object[]>(`${records}?name=${RECORD}&type=A`);
  if (there.length > 0) return;
  await call(records, { name: RECORD, type: 'A', content: wired(wiring, 'LAB_A_HOST'), ttl: 1 });
}
