import { eventually } from '../eventually.ts';
import { httpGet } from '../http.ts';
import type { Lab } from '../lab.ts';
import { THIRD_PLACE } from '../places.ts';

const WITHIN_MS = 60_000;

/** Returns when the rules of the lab's Prometheus find nothing to alert of. */
export async function noAlerts(lab: Lab): Promise<void> {
  const prometheus = `${THIRD_PLACE}/prometheus`;
  if (!lab.services.includes(prometheus)) return;
  const { host, port } = lab.endpoint(prometheus);
  await eventually({ what: 'the alerts to be over', withinMs: WITHIN_MS, everyMs: 200 }, async () => {
    const { data } = JSON.parse(await httpGet({ url: `http://${host}:${port}/api/v1/alerts` })) as Answer;
    if (data.alerts.length > 0) throw new Error(data.alerts.map(({ labels }) => labels.alertname).join(', '));
  });
}

/** Forgets every notification so far. */
export async function emptySink(lab: Lab): Promise<void> {
  const { host, port } = lab.endpoint(`${THIRD_PLACE}/sink`);
  const answer = await fetch(`http://${host}:${port}/received`, { method: 'DELETE' });
  if (!answer.ok) throw new Error(`the sink answers ${answer.status}`);
}

interface Answer {
  data: { alerts: { labels: { alertname: string } }[] };
}
