import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { renderReportHtml, renderReportMarkdown } from '../../plan/render-report.ts';
import type { Report } from '../../plan/report.ts';
import { fetchReport } from '../recoveries.ts';
import { checkSystem } from '../systems.ts';
import { type CommonOptions, withClient, withCommonOptions } from './common.ts';
import { print, tell } from './output.ts';

type Format = 'json' | 'md' | 'html';

interface ReportOptions extends CommonOptions {
  run?: string;
  format?: Format;
  output?: string;
}

export function reportCommand(): Command {
  const command = new Command('report')
    .description('the report of a recovery that has ended')
    .argument('<system>')
    .option('--run <id>', 'run id (default: the last run)')
    .addOption(new Option('--format <format>', 'default: md, or json with --json').choices(['json', 'md', 'html']))
    .option('-o, --output <file>', 'write to a file');
  return withCommonOptions(command).action(report);
}

async function report(name: string, options: ReportOptions): Promise<void> {
  const system = checkSystem(name);
  const found = await withClient((client) => fetchReport(client, system, options.run, options.timeout));
  const text = rendered(found, options.format ?? (options.json ? 'json' : 'md'));
  if (!options.output) return print(text);
  await writeFile(options.output, text);
  tell(`wrote ${options.output}`);
}

function rendered(found: Report, format: Format): string {
  if (format === 'json') return `${JSON.stringify(found, null, 2)}\n`;
  return format === 'md' ? renderReportMarkdown(found) : renderReportHtml(found);
}
