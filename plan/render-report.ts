import { reportDocument } from './render-report/document.ts';
import { html } from './render-report/html.ts';
import { markdown } from './render-report/markdown.ts';
import type { Report } from './report.ts';

/** A report as Markdown, for tickets and terminals. */
export function renderReportMarkdown(report: Report): string {
  return markdown(reportDocument(report));
}

/** A report as one HTML page that needs nothing else, on screen and on paper. */
export function renderReportHtml(report: Report): string {
  return html(reportDocument(report));
}
