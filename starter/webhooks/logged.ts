import type { Logger } from 'pino';
import { incidentId } from '../../workflows/incident-messages.ts';
import type { Incidents } from './incidents.ts';

/** Logs which incident has been told of which alerts, once Temporal has them. */
export function logged(incidents: Incidents, log: Logger): Incidents {
  return {
    async raise(plan, alerts, timeoutMs) {
      await incidents.raise(plan, alerts, timeoutMs);
      const names = [...new Set(alerts.map(({ name }) => name))];
      const incident = incidentId(plan.system);
      log.info({ system: plan.system, incident, alerts: alerts.length, names }, 'the incident has the alerts');
    },
    check: (timeoutMs) => incidents.check(timeoutMs),
  };
}
