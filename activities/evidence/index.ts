import type { S3Client } from '@aws-sdk/client-s3';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { IncidentRecord, Report } from '../../plan/report.ts';
import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { reasonOf } from '../reason.ts';
import { storeBreakGlass } from './break-glass.ts';
import { evidenceClient } from './client.ts';
import { evidenceFiles, incidentFile } from './files.ts';
import { put } from './put.ts';
import { sweepEvidence } from './sweep.ts';

/** Where evidence is kept: the same for every attempt to store it. */
function folderOf({ evidence }: RecoveryPlan, system: string, since: string, runId: string): string {
  const prefix = evidence.prefix.replace(/^\/+|\/+$/g, '');
  // Colons are awkward in file names, and evidence is downloaded.
  return [prefix, system, `${since.replaceAll(':', '')}-${runId}`].filter((part) => part !== '').join('/');
}

const folderOfReport = (plan: RecoveryPlan, { system, startedAt, runId }: Report): string =>
  folderOf(plan, system, startedAt, runId);

const folderOfIncident = (plan: RecoveryPlan, { system, openedAt, runId }: IncidentRecord): string =>
  folderOf(plan, `${system}/incidents`, openedAt, runId);

/**
 * Keeps a report as JSON, Markdown and HTML in object storage, with a manifest of SHA-256 digests. The manifest comes
 * last: where it is, everything is. Storing the same report again writes the same objects. While a recovery runs, its
 * break-glass runbook is kept beside. Of an incident each part of its record is kept as it comes. Evidence older than
 * the plan's retention is deleted after a report is stored.
 */
export function evidenceActivities({
  log,
}: Deps): Pick<Activities, 'storeReport' | 'storeIncident' | 'storeBreakGlass'> {
  /** The report is stored: what is too old and stays for now fails nothing. */
  async function sweep(client: S3Client, { evidence }: RecoveryPlan, system: string, newest: string): Promise<void> {
    try {
      const deleted = await sweepEvidence({ client, evidence, system, newest });
      if (deleted > 0) log.info({ deleted, retention: evidence.retention }, 'old evidence is deleted');
    } catch (cause) {
      log.warn({ reason: reasonOf(cause) }, 'old evidence could not be deleted');
    }
  }

  return {
    storeBreakGlass,
    async storeIncident({ plan, record }) {
      const { bucket } = plan.evidence;
      const folder = folderOfIncident(plan, record);
      const file = incidentFile(record);
      const client = evidenceClient(plan.evidence);
      try {
        await put(client, bucket, folder, file);
      } finally {
        client.destroy();
      }
      return { location: `s3://${bucket}/${folder}/${file.name}` };
    },
    async storeReport({ plan, report }) {
      const { bucket } = plan.evidence;
      const folder = folderOfReport(plan, report);
      const location = `s3://${bucket}/${folder}/`;
      const { files, manifest } = evidenceFiles({ ...report, evidence: location });
      const client = evidenceClient(plan.evidence);
      try {
        await Promise.all(files.map((file) => put(client, bucket, folder, file)));
        await put(client, bucket, folder, manifest);
        await sweep(client, plan, report.system, `${folder}/${manifest.name}`);
      } finally {
        client.destroy();
      }
      log.info({ location }, 'the evidence is stored');
      return { location };
    },
  };
}
