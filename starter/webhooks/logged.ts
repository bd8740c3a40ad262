import type { Logger } from 'pino';
import { incidentId } from '../../workflows/incident-messages.ts';
import type { Incidents } from './incidents.ts';

/** Logs which incident has been told of how many alerts, once Temporal has them; nothing of what senders wrote. */
export function logged(incidents: Incidents, log: Logger): Incidents {
  return {
    async raise(plan, alerts, timeoutMs) {
      await incidents.raise(plan, alerts, timeoutMs);
      const incident = incidentId(plan.system);
      log.info({ system: plan.system, incident, alerts: alerts.length }, 'the incident has the alerts');
    },
    check: (timeoutMs) => incidents.check(timeoutMs),
  };
}
