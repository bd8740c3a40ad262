import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { evidenceActivities } from '../../../activities/evidence/index.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { SAMPLE } from '../../plan/sample-report.ts';
import { awsEndpoint, startLab } from '../lab.ts';
import { attempt, depsOf } from '../step.ts';

const { storeReport } = evidenceActivities(depsOf());
const FOLDER = 'evidence/teei-csr/2026-11-21T070000.000Z-019ab0c2-run';

describe('evidence', () => {
  let lab: Lab;
  let s3: S3Client;

  beforeAll(async () => {
    lab = await startLab('evidence', ['bucket']);
    s3 = new S3Client({ region: 'us-east-2', endpoint: awsEndpoint(lab), forcePathStyle: true });
  }, 60_000);

  afterAll(async () => {
    s3?.destroy();
    await lab?.down();
  });

  const store = (bucket = 'lifeboat') => {
    const evidence = { bucket, region: 'us-east-2', endpoint: awsEndpoint(lab), prefix: 'evidence/' };
    return attempt(storeReport, { plan: { evidence } as RecoveryPlan, report: SAMPLE });
  };
  const keys = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lifeboat', Prefix: 'evidence/' }));
    return Contents.map(({ Key }) => Key);
  };
  const read = async (name: string) => {
    const command = new GetObjectCommand({ Bucket: 'lifeboat', Key: `${FOLDER}/${name}`, ChecksumMode: 'ENABLED' });
    const { Body, ChecksumSHA256, ContentType } = await s3.send(command);
    return { text: (await Body?.transformToString()) ?? '', ChecksumSHA256, ContentType };
  };
  const sha256 = (text: string, encoding: 'hex' | 'base64') => createHash('sha256').update(text).digest(encoding);

  test('keeps the report in three forms, with a manifest by which each can be checked', async () => {
    expect(await store()).toEqual({ location: `s3://lifeboat/${FOLDER}/` });
    expect(await keys()).toEqual(
      ['manifest.json', 'report.html', 'report.json', 'report.md'].map((name) => `${FOLDER}/${name}`),
    );
    const report = await read('report.json');
    expect(JSON.parse(report.text)).toEqual({ ...SAMPLE, evidence: `s3://lifeboat/${FOLDER}/` });
    expect(report.ChecksumSHA256).toBe(sha256(report.text, 'base64'));
    expect((await read('report.html')).ContentType).toBe('text/html; charset=utf-8');

    const manifest = JSON.parse((await read('manifest.json')).text);
    expect(manifest).toMatchObject({ workflowId: SAMPLE.workflowId, runId: SAMPLE.runId, planHash: SAMPLE.planHash });
    expect(manifest.files).toHaveLength(3);
    for (const { name, bytes, sha256: digest } of manifest.files) {
      const { text } = await read(name);
      expect({ name, bytes, digest }).toEqual({ name, bytes: Buffer.byteLength(text), digest: sha256(text, 'hex') });
    }
  });

  test('stores the same a second time', async () => {
    await store();
    const first = await read('manifest.json');
    await store();
    expect(await read('manifest.json')).toEqual(first);
    expect(await keys()).toHaveLength(4);
  });

  test('refuses a bucket that is not there', async () => {
    await expect(store('nobody-has-this')).rejects.toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  });
});
