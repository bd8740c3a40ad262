import { wiringOf } from '../../provider.ts';
import { type HealthLook, healthy, LOOK_MS } from './health.ts';

/** Does it answer a query? A server whose queries fail is up, and failing. */
export const clickhouse: HealthLook = async (component, region, { secrets }) => {
  const { shared, region: own } = wiringOf<'clickhouse'>(component, region);
  const password = shared.passwordSecret === undefined ? '' : await secrets.get(shared.passwordSecret);
  const answer = await fetch(new URL(`?database=${encodeURIComponent(shared.database)}`, own.url), {
    method: 'POST',
    body: 'SELECT 1',
    headers: { 'x-clickhouse-user': shared.user, 'x-clickhouse-key': password },
    signal: AbortSignal.timeout(LOOK_MS),
  });
  await answer.body?.cancel();
  return answer.ok ? healthy : { health: 'failing', detail: `queries answer ${answer.status}` };
};
