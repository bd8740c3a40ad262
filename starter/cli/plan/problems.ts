import { createColors } from 'picocolors';
import { errorsOf, type Problem } from '../../../plan/problem.ts';
import { EXIT } from '../../exit-codes.ts';
import { colorOn, print, printJson, tell } from '../output.ts';

/** What a command about plans found: files that are good, and everything that is not. */
export interface Findings {
  good: string[];
  problems: Problem[];
}

/** How findings are shown and judged. */
export interface Conclusion {
  json?: boolean | undefined;
  /** Warnings refuse as errors do. */
  strict?: boolean | undefined;
}

/** Says what was found, good files and problems, and sets the exit code. */
export function conclude({ good, problems }: Findings, { json, strict }: Conclusion): void {
  const ok = (strict ? problems : errorsOf(problems)).length === 0;
  if (!ok) process.exitCode = EXIT.refused;
  if (json) printJson({ ok, good, problems });
  else show({ good, problems });
}

/** Good files are the result; problems are told. */
function show({ good, problems }: Findings): void {
  const colors = createColors(colorOn(process.stderr));
  for (const file of good) print(`ok ${file}`);
  for (const { severity, file, line, column, path, message, hint } of problems) {
    const label = severity === 'error' ? colors.red('problem') : colors.yellow('warning');
    tell(`${label} ${colors.bold(`${file}:${line}:${column}`)} ${path}${path === '' ? '' : ': '}${message}`);
    if (hint !== null) tell(`        ${colors.dim(hint)}`);
  }
  const errors = errorsOf(problems).length;
  const warnings = problems.length - errors;
  if (errors > 0) tell(colors.red(counted(errors, 'problem')));
  if (warnings > 0) tell(colors.yellow(counted(warnings, 'warning')));
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A problem of a whole file. */
export function fileProblem(file: string, line: number, message: string, hint: string): Problem {
  return { severity: 'error', file, line, column: 1, path: '', message, hint };
}
