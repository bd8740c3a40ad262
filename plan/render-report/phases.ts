import type { PhaseReport, Report } from '../report.ts';
import type { Bar, Cell, Section } from './model.ts';
import { span, spanOr, toneOf } from './words.ts';

/** The phases against their budgets, with a bar each for when they ran within the whole recovery. */
export function phases(report: Report): Section {
  return {
    title: 'Phases',
    notes: ['The bars run from the start of the recovery to its end.'],
    table: {
      columns: ['Phase', 'Outcome', 'Budget', 'Actual', 'Tries', 'When', 'Detail'],
      rows: report.phases.map((phase) => [
        phase.name,
        { text: phase.outcome, tone: toneOf(phase.outcome) },
        spanOr(phase.budgetSeconds, '–'),
        actual(phase),
        String(phase.attempts),
        { bar: bar(phase, report) },
        phase.detail,
      ]),
    },
  };
}

function actual({ actualSeconds, budgetSeconds, watchSeconds }: PhaseReport): Cell {
  if (actualSeconds === null) return '–';
  const over = budgetSeconds !== null && actualSeconds > budgetSeconds;
  const watched = watchSeconds === undefined ? '' : `; watched for ${span(watchSeconds)}`;
  const text = `${span(actualSeconds)}${over ? ', over budget' : ''}${watched}`;
  return over ? { text, tone: 'bad' } : text;
}

/** Null for what never ran, for a recovery that took no time, and for times that are none. */
function bar({ startedAt, finishedAt, outcome }: PhaseReport, report: Report): Bar | null {
  const from = Date.parse(report.startedAt);
  const whole = Date.parse(report.finishedAt) - from;
  if (startedAt === null || !(whole > 0)) return null;
  const share = (iso: string) => Math.min(1, Math.max(0, (Date.parse(iso) - from) / whole));
  const [start, end] = [share(startedAt), share(finishedAt ?? report.finishedAt)];
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  return { start, end: Math.max(start, end), tone: toneOf(outcome) };
}
