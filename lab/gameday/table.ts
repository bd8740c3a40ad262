import type { Played } from './play-rows.ts';
import type { Screen } from './screen.ts';

const HEAD = ['row', 'plan', 'result', 'outcome', 'recovery time', 'data loss', 'took', 'why'];

/** The rows that were played, a line each. */
export function showTable(screen: Screen, played: readonly Played[]): void {
  screen.title('Rows');
  for (const line of tableOf(played)) screen.say(`  ${line}`);
}

export function tableOf(played: readonly Played[]): string[] {
  const rows = [HEAD, ...played.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cellsOf({ row, passed, seconds, result, error }: Played): string[] {
  const report = result?.report ?? null;
  const ofObjective = (actual: number | null, objective: number) => `${actual ?? 'unknown'} of ${objective} s`;
  return [
    ...[row.name, row.plan, passed ? 'passed' : 'FAILED', report?.outcome ?? '-'],
    report === null ? '-' : ofObjective(report.recoveryTime.actualSeconds, report.recoveryTime.objectiveSeconds),
    report === null ? '-' : ofObjective(report.dataLoss.actualSeconds, report.dataLoss.objectiveSeconds),
    `${seconds.toFixed(0)} s`,
    error ?? whyFailed(result) ?? '',
  ];
}

function whyFailed(result: Played['result']): string | undefined {
  const failed = result?.checks.find(({ passed }) => !passed);
  return failed && `${failed.name}: ${failed.seen}`;
}
