import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Report } from '../../plan/report.ts';
import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { storeBreakGlass } from './break-glass.ts';
import { evidenceClient } from './client.ts';
import { evidenceFiles } from './files.ts';
import { put } from './put.ts';

/** Where a recovery's evidence is kept: the same for every attempt to store it. */
function folderOf({ evidence }: RecoveryPlan, { system, startedAt, runId }: Report): string {
  const prefix = evidence.prefix.replace(/^\/+|\/+$/g, '');
  // Colons are awkward in file names, and evidence is downloaded.
  return [prefix, system, `${startedAt.replaceAll(':', '')}-${runId}`].filter((part) => part !== '').join('/');
}

/**
 * Keeps a report as JSON, Markdown and HTML in object storage, with a manifest of SHA-256 digests. The manifest comes
 * last: where it is, everything is. Storing the same report again writes the same objects. While a recovery runs, its
 * break-glass runbook is kept beside.
 */
export function evidenceActivities({ log }: Deps): Pick<Activities, 'storeReport' | 'storeBreakGlass'> {
  return {
    storeBreakGlass,
    async storeReport({ plan, report }) {
      const { bucket } = plan.evidence;
      const folder = folderOf(plan, report);
      const location = `s3://${bucket}/${folder}/`;
      const { files, manifest } = evidenceFiles({ ...report, evidence: location });
      const client = evidenceClient(plan.evidence);
      try {
        await Promise.all(files.map((file) => put(client, bucket, folder, file)));
        await put(client, bucket, folder, manifest);
      } finally {
        client.destroy();
      }
      log.info({ location }, 'the evidence is stored');
      return { location };
    },
  };
}
