import { createColors } from 'picocolors';
import type { Problem } from '../../../plan/problem.ts';
import { EXIT } from '../../exit-codes.ts';
import { colorOn, print, printJson, tell } from '../output.ts';

/** What a command about plans found: files that are good, and everything that is not. */
export interface Findings {
  good: string[];
  problems: Problem[];
}

/** Says what was found, good files and problems, and sets the exit code. */
export function conclude({ good, problems }: Findings, json: boolean | undefined): void {
  if (problems.length > 0) process.exitCode = EXIT.refused;
  if (json) printJson({ ok: problems.length === 0, good, problems });
  else show({ good, problems });
}

/** Good files are the result; problems are told. */
function show({ good, problems }: Findings): void {
  const colors = createColors(colorOn(process.stderr));
  for (const file of good) print(`ok ${file}`);
  for (const { file, line, column, path, message, hint } of problems) {
    tell(
      `${colors.red('problem')} ${colors.bold(`${file}:${line}:${column}`)} ${path}${path === '' ? '' : ': '}${message}`,
    );
    if (hint !== null) tell(`        ${colors.dim(hint)}`);
  }
  if (problems.length > 0) tell(colors.red(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`));
}

/** A problem of a whole file. */
export function fileProblem(file: string, line: number, message: string, hint: string): Problem {
  return { file, line, column: 1, path: '', message, hint };
}
