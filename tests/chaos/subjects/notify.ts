import type { Lab } from '../../../lab/lab.ts';
import type { Received } from '../../../lab/sink/received.ts';
import { Channel, type ChannelProvider } from '../../../plan/channels.ts';
import { NOTICE } from '../../support/activities/notify/telling.ts';
import { SYSTEM } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

/**
 * By what a receiver tells that it has a message already. Slack has nothing of the kind: there a worker that is killed
 * between the message and Temporal's knowledge of it makes people read it twice, and that is all it does.
 */
const KEY: Partial<Record<ChannelProvider, (received: Received) => unknown>> = {
  webhook: ({ headers }) => headers['idempotency-key'],
  pagerduty: ({ body }) => (body as { dedup_key: string }).dedup_key,
  email: ({ headers }) => headers['message-id'],
};

/** One message of its own for each run by each kind of channel; the lab's sink says what it received. */
export const notify: Theatre = {
  needs: ['third-place/sink'],
  async open(lab) {
    const subjects = channelsOf(lab).map(
      (channel): Subject => ({
        verb: 'notify',
        by: channel.provider,
        async prepare(run) {
          const system = `${channel.provider}-${run}-of-the-crash-matrix`;
          const seen = async () => summary(channel.provider, await receivedFrom(lab, system));
          const notice = { ...NOTICE, workflowId: `recovery/${system}` };
          return { input: { channel, notice }, seen, expected: EXPECTED[channel.provider] };
        },
      }),
    );
    return { subjects, close: async () => {} };
  },
};

/** Told at least once everywhere, and once where the channel has a key or can be asked. */
const EXPECTED: Record<ChannelProvider, object> = {
  webhook: { told: true, keys: 1 },
  pagerduty: { told: true, keys: 1 },
  email: { told: true, keys: 1 },
  slack: { told: true, atMostTwice: true },
  statuspage: { told: true, posts: 1 },
};

function summary(provider: ChannelProvider, received: Received[]): object {
  const told = received.length > 0;
  const key = KEY[provider];
  if (key !== undefined) return { told, keys: new Set(received.map(key)).size };
  if (provider === 'statuspage') return { told, posts: received.length };
  return { told, atMostTwice: received.length <= 2 };
}

/** Receivers that are not told the workflow are told the system. */
async function receivedFrom(lab: Lab, system: string): Promise<Received[]> {
  const { host, port } = lab.endpoint('third-place/sink');
  const response = await fetch(`http://${host}:${port}/received`);
  const all = (await response.json()) as Received[];
  return all.filter((one) => JSON.stringify(one).includes(system));
}

function channelsOf(lab: Lab): Channel[] {
  const { host, port } = lab.endpoint('third-place/sink');
  const sink = `http://${host}:${port}`;
  const email = { host, port: lab.endpoint('third-place/sink', 'smtp').port, tls: 'none', from: 'lifeboat@lab.test' };
  const wirings = [
    { provider: 'webhook', url: `${sink}/notify` },
    { provider: 'pagerduty', endpoint: `${sink}/pagerduty`, routingKeySecret: `${SYSTEM}/pagerduty` },
    { provider: 'slack', endpoint: `${sink}/slack/api`, channel: '#incidents', tokenSecret: `${SYSTEM}/slack` },
    { provider: 'email', ...email, to: ['executives@lab.test'] },
    { provider: 'statuspage', endpoint: `${sink}/statuspage/v1`, page: 'crash', tokenSecret: `${SYSTEM}/statuspage` },
  ];
  return wirings.map((wiring) => Channel.parse({ name: wiring.provider, roles: ['on-call-sre'], ...wiring }));
}
