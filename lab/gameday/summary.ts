import pc from 'picocolors';
import type { Report } from '../../plan/report.ts';
import type { Measured } from './measure.ts';
import type { Row, RowResult } from './row.ts';
import type { Screen } from './screen.ts';

/**
 * Prints how the row went. True only when everything outside agrees, and the objectives were met by a row that is to
 * meet them.
 */
export function showResult(screen: Screen, { recovers }: Row, { report, measured, checks }: RowResult): boolean {
  if (report !== null) {
    showPhases(screen, report);
    showObjectives(screen, report);
  }
  if (measured !== undefined) showClient(screen, measured);
  screen.title('Seen from outside');
  for (const { name, passed, seen } of checks) screen.say(`  ${mark(passed)} ${name}: ${seen}`);
  const passed = checks.every((check) => check.passed) && (!recovers || (report !== null && met(report)));
  const good = recovers ? 'The objectives were met.' : 'It went as it must.';
  screen.title(passed ? good : `The gameday failed${report === null ? '' : `: ${report.outcome}, ${report.reason}`}`);
  return passed;
}

function showPhases(screen: Screen, { phases }: Report): void {
  screen.title('Phases');
  for (const { name, outcome, budgetSeconds, actualSeconds, detail } of phases) {
    const took = `${(actualSeconds ?? 0).toFixed(1)} s`.padStart(7);
    const budget = budgetSeconds === null ? 'no budget' : `of ${budgetSeconds} s`;
    screen.say(`  ${mark(outcome === 'done')} ${name.padEnd(20)} ${took} ${budget.padEnd(10)} ${detail}`);
  }
}

function showObjectives(screen: Screen, { recoveryTime, dataLoss, evidence, outcome }: Report): void {
  screen.title(`Report: ${outcome}`);
  const human = recoveryTime.humanSeconds.toFixed(1);
  const recovery = `${recoveryTime.actualSeconds ?? 'unknown'} s of ${recoveryTime.objectiveSeconds} s, ${human} s of it people`;
  const lost = dataLoss.lostAcknowledgedWrites ?? 'unknown';
  const loss = `at most ${dataLoss.actualSeconds ?? 'unknown'} s of ${dataLoss.objectiveSeconds} s, ${lost} acknowledged writes`;
  screen.say(`  ${mark(recoveryTime.met === true)} recovery time  ${recovery}`);
  screen.say(`  ${mark(dataLoss.met === true)} data loss      ${loss}`);
  screen.note(dataLoss.method);
  screen.note(`evidence: ${evidence ?? 'could not be stored'}`);
}

function showClient(screen: Screen, { outageMs, fromStartMs, acknowledged, lost }: Measured): void {
  screen.title('What the client saw');
  const seconds = (ms: number | null) => (ms === null ? 'never served again' : `${(ms / 1000).toFixed(2)} s`);
  screen.say(`  outage ${seconds(outageMs)} (${seconds(fromStartMs)} from the kill, detection and approval included)`);
  screen.say(`  ${acknowledged} writes acknowledged in all, ${lost} of them lost`);
}

function met({ outcome, recoveryTime, dataLoss }: Report): boolean {
  return outcome === 'recovered' && recoveryTime.met === true && dataLoss.met === true;
}

const mark = (good: boolean) => (good ? pc.green('✓') : pc.red('✗'));
