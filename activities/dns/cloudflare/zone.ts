import { z } from 'zod';
import { refusal } from '../../fault.ts';
import { plainName, type RecordKey } from '../record.ts';
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

/** A new entry. */
export type NewEntry = Pick<Entry, 'name' | 'type'> & EntryContent;

/** Changes that Cloudflare makes all or none, in this order. */
export interface Batch {
  deletes: Pick<Entry, 'id'>[];
  /** What is not named is kept. */
  patches: (Pick<Entry, 'id'> & EntryContent)[];
  posts: NewEntry[];
}

/** A zone and what is asked of it. */
export interface Zone {
  name: string;
  entries(key: Key): Promise<Entry[]>;
  add(entry: NewEntry): Promise<void>;
  /**
   * If any change cannot be made, such as the removal of an entry that is gone, none is:
   * https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/
   */
  batch(changes: Batch): Promise<void>;
  nameServers(): Promise<string[]>;
}

/** A record, or the text beside it. */
interface Key {
  name: string;
  type: RecordKey['type'] | 'TXT';
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
    name: found.name,
    nameServers: async () => found.name_servers,
    async entries(key) {
      const path = `${records}?name=${encodeURIComponent(key.name)}&type=${key.type}&per_page=100`;
      const entries = await api({ what: `read ${key.name} ${key.type}`, method: 'GET', path }, z.array(Entry));
      return entries.filter((entry) => plainName(entry.name) === plainName(key.name) && entry.type === key.type);
    },
    add: (entry) => write({ what: `add ${entry.name}`, method: 'POST', path: records, body: entry }),
    batch: (body) => write({ what: `change records of ${found.name}`, method: 'POST', path: `${records}/batch`, body }),
  };
}
