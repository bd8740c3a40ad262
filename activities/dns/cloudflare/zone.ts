import { z } from 'zod';
import { refusal } from '../../fault.ts';
import { keyText, plainName, type RecordKey } from '../record.ts';
import type { Api, Request } from './api.ts';

/** One value of a record: Cloudflare has an entry, with an id, for each. */
const Entry = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  content: z.string(),
  /** Seconds; 1 is automatic. */
  ttl: z.number(),
  /** Clients are answered with Cloudflare's own addresses, and Cloudflare asks the content. */
  proxied: z.boolean().default(false),
  comment: z.string().nullish(),
  tags: z.array(z.string()).optional(),
});
export type Entry = z.infer<typeof Entry>;

/** What an entry says, apart from what it is called. Notes that are left out stay as they are. */
export type EntryContent = Pick<Entry, 'content' | 'ttl' | 'proxied'> & Partial<Pick<Entry, 'comment' | 'tags'>>;

/** A zone and what is asked of it. */
export interface Zone {
  entries(key: RecordKey): Promise<Entry[]>;
  /** Keeps all of the entry that is not named. */
  patch(entry: Entry, to: EntryContent): Promise<void>;
  add(key: RecordKey, entry: EntryContent): Promise<void>;
  remove(entry: Entry): Promise<void>;
  nameServers(): Promise<string[]>;
}

const ZoneInfo = z.object({ id: z.string(), name: z.string(), name_servers: z.array(z.string()).default([]) });

/** @throws WiringInvalid when the token sees no such zone */
export async function findZone(api: Api, name: string): Promise<Zone> {
  const find: Request = { what: `find zone ${name}`, method: 'GET', path: `/zones?name=${encodeURIComponent(name)}` };
  const found = (await api(find, z.array(ZoneInfo))).find((zone) => plainName(zone.name) === plainName(name));
  if (found === undefined) throw refusal('WiringInvalid', `there is no zone ${name} that the token may see`);
  const records = `/zones/${found.id}/dns_records`;
  const write = async (request: Request) => {
    await api(request, z.unknown());
  };
  return {
    nameServers: async () => found.name_servers,
    async entries(key) {
      const path = `${records}?name=${encodeURIComponent(key.name)}&type=${key.type}&per_page=100`;
      const entries = await api({ what: `read ${keyText(key)}`, method: 'GET', path }, z.array(Entry));
      return entries.filter((entry) => plainName(entry.name) === plainName(key.name) && entry.type === key.type);
    },
    patch: (entry, body) =>
      write({ what: `change ${entry.name}`, method: 'PATCH', path: `${records}/${entry.id}`, body }),
    add: ({ name, type }, entry) =>
      write({ what: `add ${name}`, method: 'POST', path: records, body: { name, type, ...entry } }),
    remove: (entry) => write({ what: `remove ${entry.name}`, method: 'DELETE', path: `${records}/${entry.id}` }),
  };
}
