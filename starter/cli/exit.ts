import { CommanderError } from 'commander';
import { StarterError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, tell } from './output.ts';

/** Tells people what went wrong, in one sentence, and answers the exit code. */
export function exitCodeOf(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { message, kind, exitCode } = error instanceof StarterError ? error : unforeseen(error);
  if (json) printJson({ error: { kind, message } });
  tell(`lifeboat: ${message}`);
  return exitCode;
}

function unforeseen(error: unknown): { message: string; kind: string; exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  return { message, kind: 'failed', exitCode: EXIT.refused };
}
