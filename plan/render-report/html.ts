import type { Bar, Cell, ReportDocument, Section, Table } from './model.ts';
import { STYLE } from './style.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an element or a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** One page without scripts or anything loaded; its policy forbids both should text ever slip through. */
export function html({ title, headline, summary, sections }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p class="headline ${headline.tone}">${escaped(headline.text)}</p>
<p>${escaped(summary)}</p>
</header>
<main>
${sections.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section({ title, notes, table: content }: Section): string {
  const paragraphs = notes.map((note) => `<p>${escaped(note)}</p>`).join('\n');
  return `<section>
<h2>${escaped(title)}</h2>
${paragraphs}
${content === null ? '' : table(content)}
</section>`;
}

function table({ columns, rows }: Table): string {
  const heading = columns.some((column) => column !== '')
    ? `<thead><tr>${columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('')}</tr></thead>\n`
    : '';
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<div class="wide"><table>
${heading}<tbody>
${body}
</tbody>
</table></div>`;
}

function cell(content: Cell, index: number): string {
  if (typeof content === 'string') return tag(index, escaped(content));
  if ('bar' in content) return tag(index, content.bar === null ? '' : bar(content.bar));
  return tag(index, `<span class="${content.tone}">${escaped(content.text)}</span>`);
}

/** The first cell names its row. */
const tag = (index: number, inner: string) => (index === 0 ? `<th scope="row">${inner}</th>` : `<td>${inner}</td>`);

function bar({ start, end, tone }: Bar): string {
  const percent = (share: number) => `${Math.round(share * 1000) / 10}%`;
  const style = `left:${percent(start)};width:${percent(end - start)}`;
  return `<div class="track"><div class="bar ${tone}" style="${style}"></div></div>`;
}
