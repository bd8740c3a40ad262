import { z } from 'zod';
import type { ChannelOf } from '../../plan/channels.ts';
import type { Notice } from '../../plan/report.ts';
import { fault } from '../fault.ts';
import type { Secrets } from '../secrets.ts';
import { type Call, call } from './call.ts';
import type { Deliver } from './deliver.ts';

const Incident = z.object({
  id: z.string(),
  status: z.string(),
  /** What its maker wrote down with it, by name of the maker. */
  metadata: z.record(z.string(), z.unknown()).nullish(),
  /** Newest first. */
  incident_updates: z.array(z.object({ status: z.string(), body: z.string().nullable() })).default([]),
});
type Incident = z.infer<typeof Incident>;

/**
 * Keeps one incident per system on a status page, whichever workflow speaks: creates it, adds to it, resolves it. The
 * page takes no keys of requests, so it is looked at first: a repeat finds its own words and adds nothing.
 *
 * https://developer.statuspage.io/#tag/incidents
 */
export function statusPage(secrets: Secrets): Deliver<'statuspage'> {
  return async (channel, notice) => {
    const api = await apiOf(secrets, channel);
    const system = systemOf(notice);
    const open = await openIncident(api, system);
    const { subject: name, text: body, stage: status } = notice;
    if (open === undefined && status === 'resolved') return 'no incident is open there';
    if (open === undefined) {
      const metadata = { lifeboat: { system } };
      await api('POST', '/incidents', { incident: { name, body, status, metadata } });
      return `incident opened as ${status}`;
    }
    if (says(open, notice)) return 'said already';
    await api('PATCH', `/incidents/${open.id}`, { incident: { body, status } });
    return `incident ${open.id} is ${status}`;
  };
}

type Api = (method: Call['method'], path: string, body?: object) => Promise<unknown>;

async function apiOf(secrets: Secrets, { endpoint, page, tokenSecret }: ChannelOf<'statuspage'>): Promise<Api> {
  const headers = { authorization: `OAuth ${await secrets.get(tokenSecret)}` };
  const base = `${endpoint}/pages/${encodeURIComponent(page)}`;
  return (method, path, body) => call({ method, url: `${base}${path}`, headers, ...(body && { body }) });
}

async function openIncident(api: Api, system: string): Promise<Incident | undefined> {
  const answer = z.array(Incident).safeParse(await api('GET', '/incidents/unresolved'));
  if (!answer.success) throw fault('NotReached', 'the status page answers something else than incidents');
  return answer.data.find(({ metadata }) => {
    const own = metadata?.['lifeboat'] as { system?: unknown } | undefined;
    return own?.system === system;
  });
}

/** An incident and its recovery are one matter to clients: their workflows are named after the system. */
const systemOf = ({ workflowId }: Notice): string => workflowId.slice(workflowId.indexOf('/') + 1);

function says({ incident_updates: [latest] }: Incident, { text, stage }: Notice): boolean {
  return latest?.body === text && latest.status === stage;
}
