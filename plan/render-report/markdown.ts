import type { Bar, Cell, ReportDocument, Section, Table } from './model.ts';

/** Characters of a bar. */
const BAR_WIDTH = 20;

/** Characters that Markdown, or the HTML inside it, would take for its own. */
const SPECIAL = /[\\`*_[\]<>#|~&]/g;

export function markdown({ title, headline, summary, sections }: ReportDocument): string {
  const parts = [`# ${escaped(title)}`, `**${escaped(headline.text)}**`, escaped(summary), ...sections.map(section)];
  return `${parts.join('\n\n')}\n`;
}

/** Text may hold line breaks, which would end a table's row or begin a heading. */
export function escaped(text: string): string {
  return text.replace(SPECIAL, '\\$&').replace(/\s+/g, ' ').trim();
}

function section({ title, notes, table: content }: Section): string {
  const parts = [`## ${escaped(title)}`, ...notes.map(escaped)];
  if (content !== null) parts.push(table(content));
  return parts.join('\n\n');
}

function table({ columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map(() => '---');
  return [line(columns.map(escaped)), line(rule), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

function cell(content: Cell): string {
  if (typeof content === 'string') return escaped(content);
  if ('bar' in content) return content.bar === null ? '' : `\`${bar(content.bar)}\``;
  return content.tone === 'bad' ? `**${escaped(content.text)}**` : escaped(content.text);
}

/** `···███····`, never without a block. */
function bar({ start, end }: Bar): string {
  const first = Math.min(BAR_WIDTH - 1, Math.floor(start * BAR_WIDTH));
  const length = Math.max(1, Math.round(end * BAR_WIDTH) - first);
  return '·'.repeat(first) + '█'.repeat(length) + '·'.repeat(BAR_WIDTH - first - length);
}
