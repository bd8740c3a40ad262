import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { evidenceActivities } from '../../../../activities/evidence/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import type { Standing } from '../../../../plan/break-glass/standing.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import type { IncidentRecord } from '../../../../plan/report.ts';
import { loadRecoveryPlan } from '../../../../starter/load-plan.ts';
import { awsEndpoint, startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf } from '../../../support/activities/step.ts';
import { SYSTEM } from '../../../support/lab/shape.ts';
import { SAMPLE } from '../../../support/plan/sample-report.ts';

const { storeReport, storeIncident, storeBreakGlass } = evidenceActivities(depsOf());
const FOLDER = `evidence/${SYSTEM}/2026-11-21T070000.000Z-019ab0c2-run`;

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

  const evidence = (bucket = 'lifeboat', retention = '400d') => {
    return { bucket, region: 'us-east-2', endpoint: awsEndpoint(lab), prefix: 'evidence/', retention };
  };
  const store = (bucket?: string) =>
    attempt(storeReport, { plan: { evidence: evidence(bucket) } as RecoveryPlan, report: SAMPLE });
  const keys = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lifeboat', Prefix: 'evidence/' }));
    return Contents.map(({ Key }) => Key);
  };
  const read = async (name: string, bucket = 'lifeboat') => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: `${FOLDER}/${name}`, ChecksumMode: 'ENABLED' });
    const { Body, ChecksumSHA256, ContentType } = await s3.send(command);
    return { text: (await Body?.transformToString()) ?? '', ChecksumSHA256, ContentType };
  };
  const sha256 = (text: string, encoding: 'hex' | 'base64') => createHash('sha256').update(text).digest(encoding);

  test('keeps each part of the record of an incident beside the reports, and the same part once', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'incidents' }));
    const keep = (part: number) =>
      attempt(storeIncident, {
        plan: { evidence: evidence('incidents') } as RecoveryPlan,
        record: { system: SYSTEM, openedAt: SAMPLE.startedAt, runId: 'first', part } as IncidentRecord,
      });
    const folder = `evidence/${SYSTEM}/incidents/${SAMPLE.startedAt.replaceAll(':', '')}-first`;
    expect(await keep(1)).toEqual({ location: `s3://incidents/${folder}/part-0001.json` });
    for (const part of [1, 2]) await keep(part);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'incidents' }));
    expect(Contents.map(({ Key }) => Key)).toEqual([`${folder}/part-0001.json`, `${folder}/part-0002.json`]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'incidents', Key: `${folder}/part-0002.json` }));
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({ system: SYSTEM, part: 2 });
  });

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

  test('deletes what is older than the retention of the plan by the clock of the store, and nothing else', async () => {
    const bucket = 'retention';
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const keep = (Key: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '' }));
    const of = `evidence/${SYSTEM}`;
    for (const key of ['2025-run/report.json', 'incidents/2025-run/part-0001.json', 'break-glass/2025-run.md']) {
      await keep(`${of}/${key}`);
    }
    const others = [`${of}/break-glass/latest.md`, `evidence/${SYSTEM}-2/2025-run/report.json`, 'evidence/else'];
    for (const key of others) await keep(key);
    const left = async (retention: string) => {
      await attempt(storeReport, { plan: { evidence: evidence(bucket, retention) } as RecoveryPlan, report: SAMPLE });
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key).filter((key) => !key?.startsWith(FOLDER));
    };
    expect(await left('1h')).toHaveLength(6);
    await eventually({ what: 'what is a second old to be deleted', withinMs: 20_000 }, async () => {
      expect(await left('1s')).toEqual(others.toSorted());
    });
    expect(await read('report.json', bucket)).toMatchObject({ ContentType: 'application/json' });
  });

  describe('the break-glass runbook', () => {
    const BREAK_GLASS = `evidence/${SYSTEM}/break-glass`;

    async function keep(change: Partial<Standing>) {
      const plan = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
      const standing: Standing = {
        ...{ asOf: '2026-11-21T03:00:00.000Z', plan: { ...plan, evidence: evidence() }, approvers: [] },
        ...{ workflowId: `recovery/${SYSTEM}`, runId: 'run-1', epoch: 1_795_000_000_000, scenario: 'region-failover' },
        ...{ title: '', from: 'us-east-1', to: 'eu-central-1', state: 'running', summary: 'it runs', ended: false },
        ...{ goingBack: null, pointOfNoReturnPassed: false, planned: [], phases: [], gates: [], recorded: [] },
        ...change,
      };
      return await attempt(storeBreakGlass, standing);
    }

    async function kept(key: string) {
      const { Body, Metadata = {} } = await s3.send(new GetObjectCommand({ Bucket: 'lifeboat', Key: key }));
      return {
        state: Metadata['lifeboat-state'],
        asOf: Metadata['lifeboat-as-of'],
        text: await Body?.transformToString(),
      };
    }

    test('is under a key of its run, and the latest of its system', async () => {
      const location = `s3://lifeboat/${BREAK_GLASS}/latest.md`;
      expect(await keep({})).toEqual({ location });
      const latest = await kept(`${BREAK_GLASS}/latest.md`);
      expect(latest).toMatchObject({ state: 'running', asOf: '2026-11-21T03:00:00.000Z' });
      expect(latest.text).toContain('As of 2026-11-21T03:00:00.000Z');
      expect(
        await kept(`${BREAK_GLASS}/${new Date(1_795_000_000_000).toISOString().replaceAll(':', '')}-run-1.md`),
      ).toEqual(latest);
    });

    test('is replaced by what is newer, and never by what is older or of an earlier recovery', async () => {
      await keep({ asOf: '2026-11-21T03:01:00.000Z', state: 'paused' });
      await keep({ asOf: '2026-11-21T03:00:30.000Z' });
      expect(await kept(`${BREAK_GLASS}/latest.md`)).toMatchObject({ state: 'paused' });
      await keep({ epoch: 1_794_000_000_000, runId: 'run-0', asOf: '2026-11-21T04:00:00.000Z' });
      expect(await kept(`${BREAK_GLASS}/latest.md`)).toMatchObject({ state: 'paused' });
      await keep({ epoch: 1_796_000_000_000, runId: 'run-2', asOf: '2026-11-21T02:00:00.000Z', state: 'waiting' });
      expect(await kept(`${BREAK_GLASS}/latest.md`)).toMatchObject({ state: 'waiting' });
    });

    test('of writers at the same time the newest stays', async () => {
      const times = ['05', '07', '06', '08', '04'].map((minute) => `2026-11-21T05:${minute}:00.000Z`);
      const at = { epoch: 1_797_000_000_000, runId: 'run-3' };
      await Promise.all(times.map((asOf) => keep({ ...at, asOf })));
      expect((await kept(`${BREAK_GLASS}/latest.md`)).asOf).toBe('2026-11-21T05:08:00.000Z');
    });
  });

  test('refuses a bucket that is not there', async () => {
    await expect(store('nobody-has-this')).rejects.toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
  });
});
