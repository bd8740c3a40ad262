import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Outcome } from '../../plan/report.ts';
import type { PhaseStatus } from './messages.ts';
import type { Recovery } from './recovery.ts';
import { LifeboatOutcome, LifeboatPhase } from './search-attributes.ts';

/** Phases that start at the same moment are one change of the search attribute, to the last of them. */
export function showPhase(recovery: Recovery, phase: string): void {
  recovery.note(`${phase}: started`);
  if (recovery.phaseToShow === null) {
    Promise.resolve().then(() => {
      upsertSearchAttributes([{ key: LifeboatPhase, value: recovery.phaseToShow ?? phase }]);
      recovery.phaseToShow = null;
    });
  }
  recovery.phaseToShow = phase;
}

export function showOutcome(outcome: Outcome): void {
  upsertSearchAttributes([{ key: LifeboatOutcome, value: outcome }]);
}

const MARKS: Record<PhaseStatus['state'], string> = {
  waiting: '·',
  'not-started': '·',
  running: '▶',
  paused: '⏸',
  done: '✓',
  skipped: '↷',
  failed: '✗',
  cancelled: '✗',
};

/** What the Temporal UI shows at the top of the run, in Markdown, for somebody woken at 3 a.m. */
export function showDetails(recovery: Recovery): void {
  const { system, regions } = recovery.input.plan;
  const { from, to } = recovery.input;
  const lines = [
    `**${system}: ${recovery.state}** (${from} → ${to}; primary by plan: ${regions.primary})`,
    '',
    recovery.summary,
    '',
    ...recovery.gates.map((gate) => `- **Decision wanted, \`${gate.name}\`**: ${gate.question}`),
    ...recovery.gates.map((gate) => `- Decide: \`npx lifeboat approve ${system} --gate ${gate.name}\`, or \`reject\``),
    '',
    '| | phase | budget s | took s | |',
    '|---|---|---|---|---|',
    ...recovery.phases.map(phaseRow),
  ];
  setCurrentDetails(lines.join('\n'));
}

function phaseRow(phase: PhaseStatus): string {
  const took = phase.actualSeconds?.toFixed(1) ?? '';
  return `| ${MARKS[phase.state]} | ${phase.name} | ${phase.budgetSeconds ?? ''} | ${took} | ${cell(phase.detail)} |`;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
