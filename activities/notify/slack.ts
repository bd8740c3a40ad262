import { z } from 'zod';
import type { ChannelOf } from '../../plan/channels.ts';
import type { Notice } from '../../plan/report.ts';
import { fault, refusal } from '../fault.ts';
import type { Secrets } from '../secrets.ts';
import { type Call, call } from './call.ts';
import type { Deliver } from './deliver.ts';

/** Limits of a header and of a section: https://docs.slack.dev/reference/block-kit/blocks */
const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3_000;

/** What Slack answers with status 200 when the trouble is its own: https://docs.slack.dev/reference/methods/chat.postMessage */
const MAY_PASS = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

const Answer = z.object({ ok: z.boolean(), error: z.string().optional(), ts: z.string().optional() });

/**
 * Posts a notice to a Slack channel, by an incoming webhook or by `chat.postMessage`. Slack knows no keys of requests:
 * a message whose answer got lost on the way may come twice.
 */
export function slack(secrets: Secrets): Deliver<'slack'> {
  return async (channel, notice) => {
    const answer = Answer.safeParse(await call(await request(secrets, channel, notice)));
    // An incoming webhook answers "ok" in plain text.
    if (!answer.success) return 'posted';
    const { ok, error = 'no reason', ts } = answer.data;
    if (ok) return `posted at ${ts}`;
    const why = `Slack answers: ${error}`;
    throw MAY_PASS.includes(error) ? fault('NotReached', why) : refusal('WiringInvalid', why);
  };
}

async function request(
  secrets: Secrets,
  { webhookSecret, tokenSecret = '', channel, endpoint }: ChannelOf<'slack'>,
  notice: Notice,
): Promise<Call> {
  const message = slackMessage(notice);
  if (webhookSecret !== undefined) return { method: 'POST', url: await secrets.get(webhookSecret), body: message };
  const headers = { authorization: `Bearer ${await secrets.get(tokenSecret)}` };
  return { method: 'POST', url: `${endpoint}/chat.postMessage`, headers, body: { channel, ...message } };
}

/** A notice as Slack shows it: a header, the text, and what it belongs to. `text` is what a lock screen shows. */
export function slackMessage({ subject, text, severity, roles, workflowId }: Notice): object {
  return {
    text: escaped(subject),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(subject, HEADER_LENGTH) } },
      { type: 'section', text: { type: 'mrkdwn', text: cut(escaped(text), SECTION_LENGTH) } },
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: escaped(`${severity} · for ${roles.join(', ')} · ${workflowId}`) }],
      },
    ],
  };
}

/** https://docs.slack.dev/messaging/formatting-message-text: these three are all that has a meaning outside of markup. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
