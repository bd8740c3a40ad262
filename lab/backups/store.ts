import { type _Object, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { awsClient } from '../provision/aws-client.ts';
import { BUCKET, STORE_REGION } from '../provision/bucket.ts';
import type { Wiring } from '../provision/wiring.ts';

/** Backups in object storage, outside both regions. */
export class Store {
  readonly #s3: S3Client;
  readonly #prefix: string;

  constructor(wiring: Wiring, prefix: string) {
    this.#prefix = prefix;
    this.#s3 = new S3Client({ ...awsClient(wiring, STORE_REGION), forcePathStyle: true });
  }

  /** Answers the object's key. */
  async put(takenAt: Date, archive: Buffer): Promise<string> {
    const Key = `${this.#prefix}${takenAt.toISOString()}.tar.gz`;
    await this.#s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: archive }));
    return Key;
  }

  /** When the newest one was put there; null while there is none. */
  async newest(): Promise<Date | null> {
    return (await this.#newest())?.LastModified ?? null;
  }

  /** The newest object's key; null while there is none. */
  async newestKey(): Promise<string | null> {
    return (await this.#newest())?.Key ?? null;
  }

  async #newest(): Promise<_Object | undefined> {
    const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: this.#prefix }));
    return Contents.toSorted((one, other) => Number(one.LastModified) - Number(other.LastModified)).at(-1);
  }
}
