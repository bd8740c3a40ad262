import type { Report } from '../report.ts';
import type { ReportDocument, Section, Tone } from './model.ts';
import { phases } from './phases.ts';
import { approvals, checks, notifications, timeline } from './records.ts';
import { met, moment, number, span, spanOr, toneOf } from './words.ts';

/** Lays a report out the way an auditor reads: how it ended, whether objectives were met, then how it went. */
export function reportDocument(report: Report): ReportDocument {
  const { system, scenario, from, to, reason, mode } = report;
  return {
    title: `${mode === 'drill' ? 'Drill report' : 'Recovery report'}: ${system}, ${scenario} ${from} → ${to}`,
    headline: { text: headline(report), tone: headlineTone(report) },
    summary: reason,
    sections: [
      objectives(report),
      ...leftToDo(report),
      identity(report),
      phases(report),
      approvals(report),
      checks(report),
      notifications(report),
      timeline(report),
    ],
  };
}

function headline({ outcome, recoveryTime, dataLoss }: Report): string {
  if (outcome !== 'recovered') return outcome;
  const time = spanOr(recoveryTime.actualSeconds, 'an unknown time');
  // The figure is an upper bound, and says so.
  const bound = dataLoss.actualSeconds === null || dataLoss.actualSeconds === 0 ? '' : 'at most ';
  const missed = recoveryTime.met === false || dataLoss.met === false ? ': objective missed' : '';
  return `recovered in ${time}, data loss ${bound}${spanOr(dataLoss.actualSeconds, 'unknown')}${missed}`;
}

/** Green says that it recovered within its objectives. */
function headlineTone({ outcome, recoveryTime, dataLoss }: Report): Tone {
  if (outcome !== 'recovered') return toneOf(outcome);
  const verdicts = [recoveryTime.met, dataLoss.met];
  if (verdicts.includes(false)) return 'bad';
  return verdicts.includes(null) ? 'unsure' : 'good';
}

function objectives({ recoveryTime, dataLoss }: Report): Section {
  const { humanSeconds, actualSeconds } = recoveryTime;
  const lost = dataLoss.lostAcknowledgedWrites;
  return {
    title: 'Objectives',
    notes: [
      `Recovery time counts from detection to the start of the unbroken run of green checks that the watch ended with. ` +
        `${span(humanSeconds)} of it was spent waiting for people.`,
      `Data loss: ${dataLoss.method}`,
    ],
    table: {
      columns: ['Objective', 'Allowed', 'Actual', 'Verdict'],
      rows: [
        [
          'Recovery time (RTO)',
          span(recoveryTime.objectiveSeconds),
          spanOr(actualSeconds, 'not reached'),
          met(recoveryTime.met),
        ],
        [
          'Data loss (RPO)',
          span(dataLoss.objectiveSeconds),
          spanOr(dataLoss.actualSeconds, 'unknown'),
          met(dataLoss.met),
        ],
        ['Bytes of WAL lost', '–', dataLoss.bytes === null ? 'unknown' : number(dataLoss.bytes), ''],
        ['Acknowledged writes lost', '–', lost === null ? 'not counted' : number(lost), ''],
      ],
    },
  };
}

function leftToDo({ leftToDo = [] }: Report): Section[] {
  if (leftToDo.length === 0) return [];
  return [{ title: 'Left to do', notes: leftToDo, table: null }];
}

function identity(report: Report): Section {
  return {
    title: 'What this is about',
    notes: [],
    table: {
      columns: ['', ''],
      rows: [
        ['System', report.system],
        ['Environment', `${report.environment} (${report.mode})`],
        ['Scenario', `${report.scenario}, ${report.from} → ${report.to}`],
        ['Detected', moment(report.detectedAt)],
        ['Started', moment(report.startedAt)],
        ['Recovered', moment(report.recoveredAt)],
        ['Finished', moment(report.finishedAt)],
        ['Workflow', report.workflowId],
        ['Run', report.runId],
        ['Plan (SHA-256)', report.planHash],
        ['Evidence', report.evidence ?? 'could not be stored'],
      ],
    },
  };
}
