import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import { ledgerOf } from '../../../lab/gameday/measure.ts';
import { differences, settledPicture } from '../../../lab/gameday/picture.ts';
import { playRow, rowNamed } from '../../../lab/gameday/rows/index.ts';
import { type Lab, up } from '../../../lab/lab.ts';
import { awsClient } from '../../../lab/provision/aws-client.ts';
import { BUCKET, STORE_REGION } from '../../../lab/provision/bucket.ts';
import { reset } from '../../../lab/reset.ts';
import { statusOf } from '../../../lab/status.ts';
import { failed, silent } from '../../support/gameday/support.ts';
import { PRIMARY, STANDBY } from '../../support/lab/shape.ts';

const TIMEOUT_MS = 420_000;

async function workflowsOf(lab: Lab): Promise<string[]> {
  const { host, port } = lab.endpoint('third-place/temporal');
  const connection = await Connection.connect({ address: `${host}:${port}` });
  const ids: string[] = [];
  for await (const { workflowId } of new Client({ connection }).workflow.list()) ids.push(workflowId);
  await connection.close();
  return ids;
}

async function objectsOf({ wiring }: Lab): Promise<string[]> {
  const s3 = new S3Client({ ...awsClient(wiring, STORE_REGION), forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key = '' }) => Key.replace(/\d{4}-.*/, '')).sort();
}

test(
  'a lab that failed over and was broken further is as it came up',
  async () => {
    const signal = AbortSignal.timeout(TIMEOUT_MS - 20_000);
    const name = `reset-${process.pid}`;
    const lab = await up({ name, signal });
    try {
      const before = await settledPicture(lab, signal);
      const objects = await objectsOf(lab);
      const acting = { screen: silent, signal, yes: true };
      expect(failed(await playRow(lab, rowNamed('teei-1'), acting))).toEqual([]);
      await breakLab(lab, ['sql', STANDBY, 'DROP TABLE orders']);
      await breakLab(lab, ['freeze', `${STANDBY}/nats`]);

      await reset(lab);
      expect((await statusOf(lab)).filter(({ state }) => state !== 'ready')).toEqual([]);
      expect(differences(before, await settledPicture(lab, signal))).toEqual([]);
      expect(await workflowsOf(lab)).toEqual([]);
      expect(await objectsOf(lab)).toEqual(objects);
      const ask = (instance: string) =>
        withDatabase(lab, instance, (client) => client.query('SELECT min(id) FROM orders'));
      expect((await ask(PRIMARY)).rows[0].min).toBe('1');
      expect(await readFile(join(lab.folder, 'third-place/sink/received.jsonl'), 'utf8').catch(() => '')).toBe('');
      const entries = await eventually({ what: 'writes', withinMs: 20_000, signal }, () => ledgerOf(lab));
      expect(entries.filter(({ region, timeline }) => region !== PRIMARY || timeline !== 1)).toEqual([]);
      // What comes next finds a lab like any other.
      expect(failed(await playRow(lab, rowNamed('teei-1'), acting))).toEqual([]);
    } finally {
      await lab.down();
    }
  },
  TIMEOUT_MS,
);
