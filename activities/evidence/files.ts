import { createHash } from 'node:crypto';
import { renderReportHtml, renderReportMarkdown } from '../../plan/render-report.ts';
import type { IncidentRecord, Report } from '../../plan/report.ts';

export interface EvidenceFile {
  name: string;
  contentType: string;
  body: string;
}

export const sha256 = (body: string): Buffer => createHash('sha256').update(body, 'utf8').digest();

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The files that make up a recovery's evidence, and a manifest with the size and SHA-256 of each. */
export function evidenceFiles(report: Report): { files: EvidenceFile[]; manifest: EvidenceFile } {
  const files: EvidenceFile[] = [
    { name: 'report.json', contentType: 'application/json', body: json(report) },
    { name: 'report.md', contentType: 'text/markdown; charset=utf-8', body: renderReportMarkdown(report) },
    { name: 'report.html', contentType: 'text/html; charset=utf-8', body: renderReportHtml(report) },
  ];
  const { workflowId, runId, planHash } = report;
  const digests = files.map(({ name, body }) => ({
    name,
    bytes: Buffer.byteLength(body),
    sha256: sha256(body).toString('hex'),
  }));
  const manifest = json({ schemaVersion: 1, workflowId, runId, planHash, files: digests });
  return { files, manifest: { name: 'manifest.json', contentType: 'application/json', body: manifest } };
}

/** One part of an incident's record; the names of parts sort as they were made. */
export function incidentFile(record: IncidentRecord): EvidenceFile {
  const name = `part-${String(record.part).padStart(4, '0')}.json`;
  return { name, contentType: 'application/json', body: json(record) };
}
