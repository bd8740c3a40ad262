import type { Problem } from '../../../plan/problem.ts';
import { fileProblem } from './problems.ts';

/** The problem of a generated file that is missing or not what it should be; none when it is. */
export function inSync(file: string, actual: string | null, expected: string, command: string): Problem[] {
  if (actual === expected) return [];
  const hint = `run \`${command}\` and commit what it writes`;
  if (actual === null) return [fileProblem(file, 1, 'is missing', hint)];
  const lines = actual.split('\n');
  const at = expected.split('\n').findIndex((line, index) => line !== lines[index]);
  return [fileProblem(file, at < 0 ? lines.length : at + 1, 'is not what it is generated from', hint)];
}
