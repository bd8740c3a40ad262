import { isCancellation } from '@temporalio/workflow';
import { type Channel, channelsFor } from '../../plan/channels.ts';
import type { Verdict } from '../../plan/decide/verdict.ts';
import type { Notice } from '../../plan/report.ts';
import { tell } from '../recovery/proxies.ts';
import { readable } from '../recovery/readable.ts';
import type { Incident } from './state.ts';

/** Asks the first of the plan's path of escalation, once for each thing; never in the way of the next look. */
export function askPeople(incident: Incident, verdict: Verdict): void {
  const { plan, memory, ref } = incident;
  const key = [verdict.rule, verdict.action, verdict.component].join(' ');
  incident.say(`people are asked: ${verdict.reason}`);
  if (memory.asked === key) return;
  memory.asked = key;
  const notice: Notice = {
    kind: 'gate',
    roles: plan.authority.escalate.slice(0, 1),
    severity: 'critical',
    stage: 'investigating',
    subject: `${plan.system}: decision wanted (${verdict.rule})`,
    text: verdict.reason,
    workflowId: ref.workflowId,
  };
  for (const channel of channelsFor(plan.notifications, notice)) {
    incident.telling.add(deliver(incident, channel, notice));
  }
}

async function deliver(incident: Incident, channel: Channel, notice: Notice): Promise<void> {
  try {
    const { detail } = await tell.notify.executeWithOptions({ summary: notice.subject }, [{ channel, notice }]);
    incident.note(`told ${channel.name}: ${detail}`);
  } catch (error) {
    if (isCancellation(error)) throw error;
    incident.note(`${channel.name} could not be told: ${readable(error)}`);
  }
}
