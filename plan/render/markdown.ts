/** Text in a cell: a bar or a line break would end it. */
const cell = (text: string) => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const bullets = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n');

export const code = (text: string) => `\`${text}\``;

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** Commands to type, each with what it is for, in columns. */
export function commands(lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['```sh', ...lines.map(([command, what]) => `${command.padEnd(width)}  # ${what}`), '```'].join('\n');
}
