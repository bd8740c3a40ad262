import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DnsRecord, fullName, NewRecord, type PartialRecord } from './records.ts';
import { zoneFile } from './zone-file.ts';

const State = z.object({ serial: z.int(), records: z.array(DnsRecord) });
type State = z.infer<typeof State>;

/** A zone whose every change is in its files before it is answered. */
export interface Zone {
  id: string;
  name: string;
  records(): readonly DnsRecord[];
  find(id: string): DnsRecord | undefined;
  /** Null when an identical record is there already. */
  create(record: NewRecord): Promise<DnsRecord | null>;
  /** Null when there is no such record. */
  replace(id: string, record: NewRecord): Promise<DnsRecord | null>;
  remove(id: string): Promise<boolean>;
  /** All of it or nothing, in this order; throws a `Refused` for the first that cannot be done. */
  batch(changes: Batch): Promise<{ [P in keyof Batch]: DnsRecord[] }>;
}

export interface Batch {
  deletes: { id: string }[];
  /** Fields that are not named are kept. */
  patches: ({ id: string } & PartialRecord)[];
  puts: ({ id: string } & NewRecord)[];
  posts: NewRecord[];
}

/** Why a batch is not done. */
export class Refused extends Error {
  override name = 'Refused';
  readonly reason: 'not-there' | 'identical';

  constructor(reason: Refused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Opens a zone kept in `folder`: `<name>.json` is the state that a restart reads, `<name>.zone` is what the DNS server
 * reads. The serial rises with each change, since servers take a file for new only then.
 */
export async function openZone(folder: string, name: string, nameServer: string): Promise<Zone> {
  await mkdir(folder, { recursive: true });
  const stateFile = join(folder, `${name}.json`);
  let state = await readState(stateFile);
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    await replaceFile(stateFile, JSON.stringify(state, undefined, 2));
    await replaceFile(join(folder, `${name}.zone`), zoneFile({ name, ...state }, nameServer));
  };
  const save = (records: DnsRecord[]): Promise<void> => {
    state = { serial: state.serial + 1, records };
    // One write after the other, so that an older state never replaces a newer one.
    const written = writing.then(write);
    writing = written.catch(() => undefined);
    return written;
  };
  await save(state.records);
  const find = (id: string) => state.records.find((record) => record.id === id);
  return {
    id: createHash('md5').update(name).digest('hex'),
    name,
    records: () => state.records,
    find,
    async create(wanted) {
      const record = newRecord({ ...wanted, name: fullName(wanted.name, name) });
      if (state.records.some((other) => identical(other, record))) return null;
      await save([...state.records, record]);
      return record;
    },
    async replace(id, wanted) {
      const old = find(id);
      if (old === undefined) return null;
      const { created_on } = old;
      const changed = { ...newRecord({ ...wanted, name: fullName(wanted.name, name) }), id, created_on };
      await save(state.records.map((record) => (record.id === id ? changed : record)));
      return changed;
    },
    async remove(id) {
      if (find(id) === undefined) return false;
      await save(state.records.filter((record) => record.id !== id));
      return true;
    },
    async batch({ deletes, patches, puts, posts }) {
      let records = [...state.records];
      const take = (id: string) => {
        const found = records.find((record) => record.id === id);
        if (found === undefined) throw new Refused('not-there');
        records = records.filter((record) => record !== found);
        return found;
      };
      const put = (record: DnsRecord) => {
        if (records.some((other) => identical(other, record))) throw new Refused('identical');
        records.push(record);
        return record;
      };
      const written = (wanted: NewRecord) => newRecord({ ...wanted, name: fullName(wanted.name, name) });
      const instead = (old: DnsRecord, wanted: NewRecord) =>
        put({ ...written(wanted), id: old.id, created_on: old.created_on });
      const done = {
        deletes: deletes.map(({ id }) => take(id)),
        patches: patches.map(({ id, ...fields }) => {
          const old = take(id);
          return instead(old, NewRecord.parse({ ...old, ...fields }));
        }),
        puts: puts.map(({ id, ...fields }) => instead(take(id), fields)),
        posts: posts.map((wanted) => put(written(wanted))),
      };
      await save(records);
      return done;
    },
  };
}

function newRecord(wanted: NewRecord): DnsRecord {
  const now = new Date().toISOString();
  const proxiable = wanted.type !== 'TXT';
  return { ...wanted, id: randomBytes(16).toString('hex'), proxiable, created_on: now, modified_on: now };
}

const identical = (one: DnsRecord, other: DnsRecord) =>
  one.name === other.name && one.type === other.type && one.content === other.content;

async function readState(file: string): Promise<State> {
  try {
    return State.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { serial: 0, records: [] };
    throw cause;
  }
}

/** A reader finds the old file or the new one, never a part of one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
