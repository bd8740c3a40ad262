import { httpGet } from '../../lab/http.ts';
import type { Lab } from '../../lab/lab.ts';

/** The server's own count of what is billed: https://docs.temporal.io/cloud/migrate/estimate-actions */
const LINE = /^action\{[^}]*action_type="grpc_RecordActivityTaskHeartbeat"[^}]*\} (\S+)$/gm;

/** Heartbeats that have reached the lab's Temporal since it started; no history has them. */
export async function heartbeats(lab: Lab): Promise<number> {
  const { host, port } = lab.endpoint('third-place/temporal', 'temporal-metrics');
  const metrics = await httpGet({ url: `http://${host}:${port}/metrics` });
  return [...metrics.matchAll(LINE)].reduce((total, [, count]) => total + Number(count), 0);
}
