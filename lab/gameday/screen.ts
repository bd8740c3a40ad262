import pc from 'picocolors';

/** The gameday's terminal: lines that are only ever added, so that a log of it reads the same. */
export interface Screen {
  title(text: string): void;
  say(text: string): void;
  /** A small line of what goes on. */
  note(text: string): void;
  /** Something at a time of the drill, in seconds since the disaster. */
  at(seconds: number, text: string): void;
}

export function createScreen(out: NodeJS.WriteStream = process.stdout): Screen {
  const { bold, dim, cyan } = pc.createColors(out.isTTY === true && !process.env['NO_COLOR']);
  const line = (text: string) => void out.write(`${text}\n`);
  return {
    title: (text) => line(`\n${bold(text)}`),
    say: line,
    note: (text) => line(dim(`  ${text}`)),
    at: (seconds, text) => line(`  ${cyan(`+${seconds.toFixed(1).padStart(5)} s`)}  ${text}`),
  };
}
