import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.ts';
import { incidentWhen, sendAlert, type Watching } from '../../lab/gameday/incident.ts';
import { usePlan } from '../../lab/gameday/plan-copy.ts';
import { failoverOf, play } from '../../lab/gameday/play.ts';
import { httpGet } from '../../lab/http.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { THIRD_PLACE } from '../../lab/places.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import { silent } from '../support/gameday/support.ts';
import { Watch } from './effects.ts';
import type { Run } from './matrix.ts';
import { wrongWith } from './struck-failover.ts';

const WITHIN_MS = 400_000;
const ALERT = 'RegionUnreachable';

/** How long the region must be gone before it is failed over: enough for all that monitoring says meanwhile. */
const GONE_FOR = '30s';

/** The monitoring of a system, and what its incident says. */
export interface Monitoring {
  say(status: 'firing' | 'resolved'): Promise<void>;
  /** As Grafana does where the data of the same rule is missing. */
  sayNoData(): Promise<void>;
  /** The incident as soon as it fits; throws when none is open, or none fits in time. */
  incidentWhen(what: string, fits: (status: IncidentStatus) => boolean): Promise<IncidentStatus>;
}

/**
 * The region is dead, and its monitoring with it: the alert is resolved, and then there is no data. The incident must stay
 * open, and observe, all the while.
 *
 * @returns when the incident last observed while nothing fired
 */
export async function fallSilent(monitoring: Monitoring): Promise<string> {
  await monitoring.say('firing');
  await monitoring.incidentWhen('the wait', ({ verdict }) => verdict?.rule === 'region-lost');
  await monitoring.say('resolved');
  const quiet = await monitoring.incidentWhen('silence', ({ counts }) => counts.firing === 0);
  const before = quiet.facts?.observedAt;
  const observed = await monitoring.incidentWhen('observations in silence', ({ facts }) => {
    return facts !== null && facts.observedAt !== before;
  });
  await monitoring.sayNoData();
  await monitoring.incidentWhen('the missing data', ({ counts }) => counts.firing === 1);
  return observed.facts?.observedAt ?? '';
}

/** `DatasourceNoData` of a rule, as Grafana's contact point posts and signs it. */
export function noData(system: string, key: string): { headers: Record<string, string>; payload: string } {
  const labels = { alertname: 'DatasourceNoData', rulename: ALERT, datasource_uid: 'prometheus', system };
  const alert = { status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString() };
  const payload = JSON.stringify({ receiver: 'lifeboat', status: 'firing', alerts: [alert] });
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const signature = createHmac('sha256', key).update(`${timestamp}:${payload}`).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-grafana-alerting-timestamp': timestamp,
    'x-grafana-alerting-signature': signature,
  };
  return { headers, payload };
}

/** Whole region failovers in which the alert is resolved while the region is dead, each on a lab of its own. */
export async function* silences(times: number, signal: AbortSignal): AsyncGenerator<Run> {
  for (let run = 1; run <= times && !signal.aborted; run++) {
    const name = `silence ${run}: the alert is resolved, then Grafana has no data`;
    yield await inLab(signal).then(
      (wrong) => ({ name, struck: true, wrong }),
      (error) => ({ name, struck: true, wrong: String(error) }),
    );
  }
}

async function inLab(signal: AbortSignal): Promise<string | null> {
  const lab = await up({ name: `silence-${process.pid}`, synchronous: true, signal });
  try {
    await usePlan(lab, (_, { overrides }) => {
      Object.assign(overrides?.decisions?.rules?.['region-lost'] ?? {}, { for: GONE_FOR });
    });
    return await playSilence(lab, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
  } finally {
    await lab.down();
  }
}

/** What is wrong, as seen from outside; null when nothing is. */
async function playSilence(lab: Lab, signal: AbortSignal): Promise<string | null> {
  Object.assign(process.env, lab.wiring);
  const plan = await loadRecoveryPlan({ system: lab.shape.system, environment: 'lab' });
  const client = openClient();
  const outside = await Watch.start(lab);
  const monitoring = await monitoringOf({ lab, client, plan, screen: silent, signal });
  const { promise: silence, resolve, reject } = Promise.withResolvers<string>();
  silence.catch(() => {});
  const beforeDisaster = async () => {
    lab.signal(`${THIRD_PLACE}/alertmanager`, 'SIGKILL');
    gone(lab, signal)
      .then(() => fallSilent(monitoring))
      .then(resolve, reject);
  };
  try {
    const played = await play(lab, { screen: silent, signal, yes: true, beforeDisaster });
    const observedAt = await silence;
    if (!(observedAt < played.report.startedAt)) return `the incident did not observe in silence: ${observedAt}`;
    return wrongWith(played, await outside.counted());
  } finally {
    await outside.end();
    await closeClient(client);
  }
}

/** The region that dies does not answer any more. */
async function gone(lab: Lab, signal: AbortSignal): Promise<void> {
  const { host, port } = lab.endpoint(`${failoverOf(lab).from}/application`);
  await eventually({ what: 'the region to be dead', withinMs: 60_000, signal }, async () => {
    const answers = await httpGet({ url: `http://${host}:${port}/healthz` }).then(
      () => true,
      (error) => !/ECONNREFUSED/.test(`${error}`),
    );
    if (answers) throw new Error('it answers');
  });
}

async function monitoringOf(watching: Watching): Promise<Monitoring> {
  const { lab, plan } = watching;
  const key = randomBytes(16).toString('hex');
  const folder = join(lab.folder, 'secrets', 'gateway');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'grafana'), `${key}\n`, { mode: 0o600 });
  const { host, port } = lab.endpoint(`${THIRD_PLACE}/gateway`);
  return {
    say: (status) => sendAlert(watching, ALERT, 'the region does not answer', status === 'resolved'),
    async sayNoData() {
      const { headers, payload } = noData(plan.system, key);
      const answer = await fetch(`http://${host}:${port}/webhooks/grafana`, { method: 'POST', headers, body: payload });
      if (!answer.ok) throw new Error(`the gateway answers ${answer.status}: ${await answer.text()}`);
    },
    incidentWhen: (what, fits) => incidentWhen(watching, what, fits),
  };
}
