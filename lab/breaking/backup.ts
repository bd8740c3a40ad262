import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Store } from '../backups/store.ts';
import type { Lab } from '../lab.ts';
import { awsClient } from '../provision/aws-client.ts';
import { BUCKET, STORE_REGION } from '../provision/bucket.ts';
import { backupPrefix } from '../services/backups.ts';
import type { Fault } from './fault.ts';

const DAMAGED_BYTES = 4_096;

export const damageBackup: Fault = {
  parameters: ['[key]'],
  effect: 'overwrites the middle of a backup in object storage, the newest by default; its size and name stay',
  undo: 'mend-backup',
  async act(lab, given) {
    const key = given ?? (await newestKey(lab));
    const body = await get(lab, key);
    const copy = copyOf(lab, key);
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, body);
    const bytes = Math.min(DAMAGED_BYTES, body.length);
    randomBytes(bytes).copy(body, Math.floor((body.length - bytes) / 2));
    await put(lab, key, body);
    return `damaged ${bytes} of ${body.length} bytes of ${key}`;
  },
};

export const mendBackup: Fault = {
  parameters: ['<key>'],
  effect: 'puts a backup back as it was before it was damaged',
  async act(lab, key = '') {
    const copy = copyOf(lab, key);
    await put(lab, key, await readFile(copy));
    await rename(copy, `${copy}.used`);
    return `${key} is as it was`;
  },
};

const copyOf = ({ folder }: Lab, key: string) => join(folder, 'undamaged', key.replaceAll('/', '_'));

async function newestKey({ wiring, shape }: Lab): Promise<string> {
  const key = await new Store(wiring, backupPrefix(shape)).newestKey();
  if (key === null) throw new Error('there is no backup yet');
  return key;
}

async function get(lab: Lab, Key: string): Promise<Buffer> {
  const { Body } = await client(lab).send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function put(lab: Lab, Key: string, Body: Buffer): Promise<void> {
  await client(lab).send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

const client = ({ wiring }: Lab) => new S3Client({ ...awsClient(wiring, STORE_REGION), forcePathStyle: true });
