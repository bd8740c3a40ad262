/** What the CLI ends with; `lifeboat --help` shows the same list. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  nothingRunning: 4,
} as const;
