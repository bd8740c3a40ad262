import { Context } from '@temporalio/activity';
import type { Channel, ChannelProvider } from '../../plan/channels.ts';
import type { Notice } from '../../plan/report.ts';
import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { heartbeat } from '../heartbeat.ts';
import { reasonOf } from '../reason.ts';
import type { Secrets } from '../secrets.ts';
import type { Deliver } from './deliver.ts';
import { email } from './email.ts';
import { Pace } from './pace.ts';
import { pagerDuty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { statusPage } from './statuspage.ts';
import { webhook } from './webhook.ts';

type Providers = { [P in ChannelProvider]: (secrets: Secrets) => Deliver<P> };

/** Every provider of channels, by the name that environments use. */
const PROVIDERS: Providers = { webhook, slack, pagerduty: pagerDuty, email, statuspage: statusPage };

/** Tells people by one channel. Each delivery is an activity of its own, so that one channel never keeps another. */
export function notifyActivities({ secrets, log }: Deps): Pick<Activities, 'notify'> {
  const pace = new Pace();
  return {
    async notify({ channel, notice }) {
      const before = earlierDelivery();
      if (before !== undefined) return { detail: before };
      const place = `${channel.provider}:${channel.name}`;
      try {
        await pace.turn(place, Context.current().cancellationSignal);
        const detail = await deliver(secrets, channel, notice);
        heartbeat({ delivered: detail });
        return { detail };
      } catch (cause) {
        pace.learn(place, cause);
        log.warn({ channel: channel.name, kind: notice.kind, reason: reasonOf(cause) }, 'a notice was not delivered');
        throw cause;
      }
    },
  };
}

function deliver(secrets: Secrets, channel: Channel, notice: Notice): Promise<string> {
  const provider = PROVIDERS[channel.provider](secrets) as Deliver<ChannelProvider>;
  return provider(channel, notice, deliveryKey(channel));
}

/** The same for every attempt of this activity, so that a receiver can drop what it has already. */
function deliveryKey({ name }: Channel): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${workflowExecution?.workflowId}/${workflowExecution?.runId}/${activityId}/${name}`;
}

/** What an attempt before this one has delivered, and did not live to answer. */
function earlierDelivery(): string | undefined {
  const details = Context.current().info.heartbeatDetails as { delivered?: string } | undefined;
  return details?.delivered;
}
