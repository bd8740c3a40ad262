import { z } from 'zod';
import { Name } from './names.ts';
import { Port, SecretName } from './wiring/common.ts';

/**
 * Where people are told: the `notifications` of an environment, one schema per provider. Each channel reaches roles,
 * and may be kept for the messages of some severities.
 */

/** How bad it is, in the words of PagerDuty: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
export const Severity = z.enum(['critical', 'error', 'warning', 'info']);
export type Severity = z.infer<typeof Severity>;

const everyChannel = {
  name: Name,
  /** Whom it reaches. */
  roles: z.array(Name).min(1),
  /** Only messages of these; all when absent. */
  severities: z.array(Severity).min(1).optional(),
};

const Webhook = z.strictObject({
  ...everyChannel,
  provider: z.literal('webhook'),
  url: z.url(),
  /** Name of the secret sent as a bearer token. */
  tokenSecret: SecretName.optional(),
});

/** An incoming webhook, whose URL is a secret, or a channel that a bot's token may post to. */
const Slack = z
  .strictObject({
    ...everyChannel,
    provider: z.literal('slack'),
    webhookSecret: SecretName.optional(),
    channel: z.string().min(1).optional(),
    tokenSecret: SecretName.optional(),
    endpoint: z.url().default('https://slack.com/api'),
  })
  .refine(
    ({ webhookSecret, channel, tokenSecret }) =>
      webhookSecret === undefined
        ? channel !== undefined && tokenSecret !== undefined
        : channel === undefined && tokenSecret === undefined,
    { error: 'expected either "webhookSecret", or "channel" and "tokenSecret"' },
  );

const PagerDuty = z.strictObject({
  ...everyChannel,
  provider: z.literal('pagerduty'),
  /** Name of the secret that is the routing key of an Events API v2 integration. */
  routingKeySecret: SecretName,
  endpoint: z.url().default('https://events.pagerduty.com'),
});

const Email = z.strictObject({
  ...everyChannel,
  provider: z.literal('email'),
  host: z.string().min(1),
  port: Port,
  /** TLS from the first byte, TLS after STARTTLS and nothing without it, or none (drills only). */
  tls: z.enum(['implicit', 'starttls', 'none']),
  /** Name of the secret with the PEM of the authority that the server's certificate comes from; else a public one. */
  caSecret: SecretName.optional(),
  user: z.string().optional(),
  passwordSecret: SecretName.optional(),
  from: z.email(),
  to: z.array(z.email()).min(1),
});

/** A page on Statuspage, or on anything that speaks its API: https://developer.statuspage.io/ */
const StatusPage = z.strictObject({
  ...everyChannel,
  provider: z.literal('statuspage'),
  page: z.string().min(1),
  tokenSecret: SecretName,
  endpoint: z.url().default('https://api.statuspage.io/v1'),
});

export const Channel = z.discriminatedUnion('provider', [Webhook, Slack, PagerDuty, Email, StatusPage]);
export type Channel = z.infer<typeof Channel>;

export type ChannelProvider = Channel['provider'];

/** A channel of one provider. */
export type ChannelOf<P extends ChannelProvider> = Extract<Channel, { provider: P }>;

/** The channels that a message to these roles goes to. */
export function channelsFor(
  channels: readonly Channel[],
  { roles, severity }: { roles: readonly string[]; severity: Severity },
): Channel[] {
  return channels.filter(
    (channel) => channel.roles.some((role) => roles.includes(role)) && (channel.severities?.includes(severity) ?? true),
  );
}
