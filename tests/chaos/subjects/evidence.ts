import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { RecoveryRef } from '../../../activities/contract.ts';
import { evidenceActivities } from '../../../activities/evidence/index.ts';
import type { Standing } from '../../../plan/break-glass/standing.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { awsEndpoint } from '../../support/activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, TO } from '../../support/activities/step.ts';
import { SYSTEM } from '../../support/lab/shape.ts';
import { SAMPLE } from '../../support/plan/sample-report.ts';
import type { Subject, Theatre } from './subject.ts';

const BUCKET = 'lifeboat';

const { storeBreakGlass } = evidenceActivities(depsOf());

/** A recovery that has begun. */
function standingOf(plan: RecoveryPlan, { workflowId, runId, epoch }: RecoveryRef): Standing {
  return {
    ...{ asOf: new Date().toISOString(), plan, approvers: [], workflowId, runId, epoch },
    ...{ scenario: 'region-failover', title: 'Region failover', from: FROM, to: TO, state: 'running', ended: false },
    ...{ summary: 'It runs.', goingBack: null, pointOfNoReturnPassed: false, phases: [], gates: [], recorded: [] },
    planned: plan.scenarios['region-failover']?.phases ?? [],
  };
}

/** Objects of their own for each run; object storage itself says what is kept. */
export const evidence: Theatre = {
  needs: ['bucket'],
  async open(lab) {
    const endpoint = awsEndpoint(lab);
    const client = new S3Client({ region: 'us-east-2', endpoint, forcePathStyle: true });
    const read = async (Key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return (await Body?.transformToString()) ?? '';
    };
    async function keysBelow(Prefix: string) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
      return Contents.map(({ Key = '' }) => Key);
    }
    /** Everything that the manifest names, and whether each object is what it says. */
    async function kept(prefix: string) {
      const keys = await keysBelow(prefix);
      const manifest = keys.find((key) => key.endsWith('/manifest.json')) ?? '';
      const { files } = JSON.parse(await read(manifest)) as { files: { name: string; sha256: string }[] };
      const folder = manifest.slice(0, manifest.lastIndexOf('/'));
      const digests = files.map(async ({ name, sha256 }) => {
        const body = await read(`${folder}/${name}`);
        return createHash('sha256').update(body).digest('hex') === sha256;
      });
      return { objects: keys.length, named: files.length, whole: (await Promise.all(digests)).every(Boolean) };
    }
    const store: Subject = {
      verb: 'storeReport',
      async prepare(run) {
        const prefix = `run-${run}`;
        const plan = { evidence: { bucket: BUCKET, region: 'us-east-2', endpoint, prefix } };
        const input = { plan, report: { ...SAMPLE, runId: prefix } };
        return { input, seen: () => kept(`${prefix}/`), expected: { objects: 4, named: 3, whole: true } };
      },
    };
    const plan = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
    const incident: Subject = {
      verb: 'storeIncident',
      async prepare(run) {
        const prefix = `run-${run}`;
        const record = { system: plan.system, openedAt: new Date().toISOString(), runId: prefix, part: 1 };
        const seen = async () => {
          const texts = await Promise.all((await keysBelow(`${prefix}/`)).map(read));
          return texts.map((text) => JSON.parse(text));
        };
        const input = { plan: { ...plan, evidence: { ...plan.evidence, prefix } }, record };
        return { input, seen, expected: [record] };
      },
    };
    const breakGlass: Subject = {
      verb: 'storeBreakGlass',
      async prepare(run) {
        const prefix = `run-${run}`;
        const standing = standingOf({ ...plan, evidence: { ...plan.evidence, prefix } }, recoveryRef());
        // What the recovery has stored since is newer, and stays.
        const newer = { ...standing, asOf: new Date(Date.now() + 60_000).toISOString(), summary: 'It went on.' };
        const seen = async () => {
          const texts = await Promise.all((await keysBelow(`${prefix}/`)).map(read));
          return texts.map((text) => text.includes(newer.summary));
        };
        const undo = { act: () => attempt(storeBreakGlass, newer), expected: [true, true] };
        return { input: standing, seen, expected: [false, false], undo };
      },
    };
    return { subjects: [store, incident, breakGlass], close: async () => client.destroy() };
  },
};
