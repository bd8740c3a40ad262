import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { withDatabase } from '../database.ts';
import type { Lab } from '../lab.ts';
import { dataHome } from '../services/postgres-files.ts';
import { type Instance, instanceService } from '../shapes/shape.ts';
import { type Fault, instanceNamed } from './fault.ts';
import { stopCleanly } from './processes.ts';

const PAGE_BYTES = 8_192;

/** What `GRANT` and `REVOKE` take on a table; nothing else of what is typed is put into a statement as it is. */
const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'ALL'];

export const sql: Fault = {
  parameters: ['<instance>', '<statement>'],
  effect: 'runs a statement as the application, which owns its database: a mass delete, a dropped table, bad rows',
  async act(lab, instance = '', statement = '') {
    const { name } = instanceNamed(lab, instance);
    const { rowCount, command } = await withDatabase(lab, name, (client) => client.query(statement));
    return `${command} in ${name}${rowCount === null ? '' : `: ${rowCount} rows`}`;
  },
};

export const revoke: Fault = {
  parameters: ['<instance>', '<privilege>', '<table>', '<user>'],
  effect: 'takes a privilege on a table away from a user of the database',
  undo: 'grant',
  act: (lab, ...given) => changePrivilege(lab, 'REVOKE', 'FROM', given),
};

export const grant: Fault = {
  parameters: revoke.parameters,
  effect: 'gives a privilege on a table to a user of the database',
  act: (lab, ...given) => changePrivilege(lab, 'GRANT', 'TO', given),
};

async function changePrivilege(lab: Lab, verb: string, towards: string, given: string[]): Promise<string> {
  const [instance = '', privilege = '', table = '', user = ''] = given;
  const { name } = instanceNamed(lab, instance);
  const wanted = privilege.toUpperCase();
  if (!PRIVILEGES.includes(wanted)) throw new Error(`"${privilege}" is none of: ${PRIVILEGES.join(', ')}`);
  await withDatabase(lab, name, async (client) => {
    const names = [table, user].map((identifier) => client.escapeIdentifier(identifier));
    await client.query(`${verb} ${wanted} ON ${names[0]} ${towards} ${names[1]}`);
  });
  return `${verb} ${wanted} ON ${table} ${towards} ${user} in ${name}`;
}

export const damagePage: Fault = {
  parameters: ['<instance>', '<relation>', '[block]'],
  effect: 'stops an instance cleanly, writes 64 random bytes into a page of a table or an index, and starts it again',
  async act(lab, given = '', relation = '', block) {
    const instance = instanceNamed(lab, given);
    const page = await pageOf(lab, instance, relation, block);
    const service = instanceService(instance);
    // Memory would hide what is on disk, and the log of a crash would put it right.
    await stopCleanly(lab, service);
    await scribble(page.file, page.block);
    await lab.startService(service);
    return `damaged block ${page.block} of ${relation} in ${instance.name}`;
  },
};

interface Page {
  file: string;
  block: number;
}

/** By default the second page: the first of an index holds no rows. */
async function pageOf(lab: Lab, instance: Instance, relation: string, given?: string): Promise<Page> {
  const where = 'SELECT pg_relation_filepath($1::regclass) AS path, pg_relation_size($1::regclass)::int AS bytes';
  const { rows } = await withDatabase(lab, instance.name, (client) =>
    client.query<{ path: string; bytes: number }>(where, [relation]),
  );
  const { path = '', bytes = 0 } = rows[0] ?? {};
  const pages = bytes / PAGE_BYTES;
  const block = given === undefined ? Math.min(1, pages - 1) : Number(given);
  if (!(Number.isInteger(block) && block >= 0 && block < pages)) {
    throw new Error(`${relation} has ${pages} pages in ${instance.name}; there is no block ${given ?? block}`);
  }
  return { file: join(dataHome(join(lab.folder, instanceService(instance))), 'data', path), block };
}

/** Below the page's header, where a checksum alone tells. */
async function scribble(file: string, block: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(randomBytes(64), 0, 64, block * PAGE_BYTES + PAGE_BYTES / 2);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
