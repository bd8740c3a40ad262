import { readSecret } from '../secrets.ts';
import { cloudflareSecret, primaryOf, zoneOf } from '../shapes/shape.ts';
import { central, located, type Provisioned, wired } from './wiring.ts';

/**
 * The edge's record, leading to the primary site at first.
 *
 * @param options.anew in place of every record that is there
 */
export async function provisionCloudflare(lab: Provisioned, { anew = false } = {}): Promise<void> {
  const { wiring, shape } = lab;
  const { name, record } = zoneOf(shape, 'cloudflare');
  const token = await readSecret(wired(wiring, 'LIFEBOAT_SECRETS_DIR'), cloudflareSecret(shape));
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
  const [zone] = await call<{ id: string }[]>(`?name=${name}`);
  if (zone === undefined) throw new Error(`Cloudflare has no zone ${name}`);
  const records = `/${zone.id}/dns_records`;
  const there = await call<{ id: string }[]>(anew ? records : `${records}?name=${record}&type=A`);
  if (there.length > 0 && !anew) return;
  const { host: content } = located(lab, primaryOf(shape), 'APPLICATION');
  const deletes = there.map(({ id }) => ({ id }));
  await call(`${records}/batch`, { deletes, posts: [{ name: record, type: 'A', content, ttl: 1 }] });
}
