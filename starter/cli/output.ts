import { createColors } from 'picocolors';

/** Results go to stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Messages to people go to stderr, so that stdout stays machine-readable. */
export function tell(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Colours where a person looks, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function colorOn(stream: NodeJS.WriteStream): boolean {
  if (process.env['NO_COLOR']) return false;
  return Boolean(process.env['FORCE_COLOR']) || (stream.isTTY && createColors().isColorSupported);
}
