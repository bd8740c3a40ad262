import { httpGet } from '../../lab/http.ts';
import type { Lab } from '../../lab/lab.ts';

/** The server's own count of what is billed: https://docs.temporal.io/cloud/migrate/estimate-actions */
const HEARTBEATS = /^action\{[^}]*action_type="grpc_RecordActivityTaskHeartbeat"[^}]*\} (\S+)$/gm;

/** The worker's count of what it asked Temporal; the server's has the questions of the benchmark too. */
const QUERIES = /^temporal_request_total\{[^}]*operation="QueryWorkflow"[^}]*\} (\S+)$/gm;

/**
 * Actions that are billed and that no history has, since the lab started: heartbeats, and the queries by which the worker
 * learns for its metrics what is open.
 */
export async function unrecorded(lab: Lab): Promise<number> {
  return (
    (await counted(lab, 'third-place/temporal', 'temporal-metrics', HEARTBEATS)) +
    (await counted(lab, 'third-place/worker', 'worker-metrics', QUERIES))
  );
}

async function counted(lab: Lab, service: string, port: string, line: RegExp): Promise<number> {
  const { host, port: number } = lab.endpoint(service, port);
  const metrics = await httpGet({ url: `http://${host}:${number}/metrics` });
  return [...metrics.matchAll(line)].reduce((total, [, count]) => total + Number(count), 0);
}
