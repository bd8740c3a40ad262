/** What a terminal has room for, in characters and lines. */
export interface Size {
  columns: number;
  rows: number;
}

/** Lines that belong together on a screen. */
export interface Block {
  lines: string[];
  /** What to show in place of them where there is no room, longest first. */
  shorter?: string[][];
  /** Long lines are cut, where others go on in the next line. */
  cut?: boolean;
}

/**
 * Lays blocks out, a line apart, within a terminal: those that may be shorter are, in the order of `first`, until all fit.
 * One column stays free, since terminals differ in what they do with a full line.
 *
 * @param first the blocks that give way, the first of them first
 */
export function fitBlocks(blocks: readonly Block[], first: readonly Block[], { columns, rows }: Size): string[] {
  const reductions = first.flatMap((block) => (block.shorter ?? []).map((lines) => ({ block, lines })));
  const shown = new Map(blocks.map((block) => [block, block.lines]));
  const laidOut = () =>
    [...shown]
      .map(([{ cut = false }, lines]) => lines.flatMap((line) => within(line, columns - 1, cut)))
      .filter((lines) => lines.length > 0)
      .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  let lines = laidOut();
  for (const reduction of reductions) {
    if (lines.length <= rows) break;
    shown.set(reduction.block, reduction.lines);
    lines = laidOut();
  }
  return lines.slice(0, rows);
}

/** A colour, which takes no room, or a character. */
const PARTS = /\p{Cc}\[[0-9;]*m|./gsu;

/** A line in lines of that width; only the first of them where it is to be cut. Colours end with the line as they would. */
function within(line: string, width: number, cut: boolean): string[] {
  const lines = [''];
  let used = 0;
  for (const part of line.match(PARTS) ?? []) {
    const colour = part.length > 1 && part.startsWith('\x1b');
    if (!colour && used === width) {
      lines.push('');
      used = 0;
    }
    if (!colour) used += 1;
    const last = lines.length - 1;
    if (colour || !cut || last === 0) lines[cut ? 0 : last] += part;
  }
  return cut ? lines.slice(0, 1) : lines;
}
