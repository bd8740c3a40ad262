import { actionOf } from '../actions/index.ts';
import { seconds } from '../duration.ts';
import { criticalPath, waves } from '../graph.ts';
import type { Phase, Plan, RollbackCriteria, Scenario } from '../schema.ts';
import { bullets, code, listed, table } from './markdown.ts';
import { mermaid } from './mermaid.ts';

/**
 * One scenario: what starts it, its phases in order, and when it undoes itself.
 *
 * @param environment the one that commands name
 */
export function scenarioSection(plan: Plan, name: string, scenario: Scenario, environment: string): string {
  return [
    `## Scenario ${code(name)}: ${scenario.title}`,
    startedBy(plan, name, environment),
    timing(plan, scenario),
    mermaid(scenario.phases),
    '### Phases, in order',
    'Phases with the same number run at the same time.',
    phaseTable(scenario.phases),
    ...waves(scenario.phases).flatMap((wave) => wave.map((phase) => phaseWords(phase, scenario))),
    '### When it refuses, and when it undoes itself',
    limits(name, scenario),
  ].join('\n\n');
}

function startedBy(plan: Plan, name: string, environment: string): string {
  const { alerts, system } = plan;
  const matching = alerts.filter(({ scenario }) => scenario === name);
  const byHand = `by hand with ${code(`npx lifeboat start ${system} --environment ${environment}${startOptions(plan, name)}`)}`;
  if (matching.length === 0) return `It is started ${byHand}.`;
  const labels = matching.map((rule) => Object.entries(rule.labels).map(([key, value]) => code(`${key}="${value}"`)));
  return `It is started by an alert with ${labels.map((each) => listed(each)).join(', or with ')}, or ${byHand}.`;
}

/** The direction of a planned move is said: it may go either way. */
function startOptions({ regions: { primary, standby } }: Plan, name: string): string {
  if (name === 'region-failover') return '';
  const [from, to] = name === 'failback' ? [standby, primary] : [primary, standby];
  return ` --scenario ${name} --from ${from} --to ${to}`;
}

function timing({ objectives }: Plan, { phases, objectives: own }: Scenario): string {
  const path = criticalPath(phases);
  const objective = seconds(own?.recoveryTime ?? objectives.recoveryTime);
  const names = path.names.join(' → ');
  return `The critical path is ${path.seconds} s of the ${objective} s objective, waiting for people not counted: ${names}.${losing(own)}`;
}

const losing = (own: Scenario['objectives']) =>
  own?.dataLoss === undefined ? '' : ` It may lose ${seconds(own.dataLoss) === 0 ? 'nothing' : own.dataLoss}.`;

function phaseTable(phases: readonly Phase[]): string {
  const rows = waves(phases).flatMap((wave, index) =>
    wave.map(({ name, components, budget, needs }) => [
      String(index + 1),
      code(name),
      components.map(code).join(', '),
      budget === undefined ? 'people' : `${seconds(budget)} s`,
      needs.map(code).join(', '),
    ]),
  );
  return table(['', 'Phase', 'Components', 'Budget', 'Needs'], rows);
}

function phaseWords({ name, title, action, pointOfNoReturn }: Phase, { phases }: Scenario): string {
  const { steps, undo, look } = actionOf(action);
  const does = steps.map((step) => step.does).join(' ');
  const final = pointOfNoReturn ? [`**Point of no return.** ${goingBack(phases)}`] : [];
  return [
    `#### ${code(name)}${title === undefined ? '' : `: ${title}`}`,
    bullets([
      ...final,
      does,
      `Undo${undo.verb === null ? ' (nothing to do)' : ''}: ${undo.does}`,
      `If it pauses: ${look}`,
    ]),
  ].join('\n\n');
}

/** What a rollback past the point of no return does to the writes made since: what the status screen says at its gate. */
function goingBack(phases: readonly Phase[]): string {
  const rebuild = phases.find(({ action }) => action === 'rebuild-old-primary');
  const discards =
    'From here on, rollback is a failback: it needs its own approval and discards the writes made since.';
  return rebuild === undefined ? discards : `${discards} Once ${code(rebuild.name)} is done, it keeps them.`;
}

function limits(name: string, { gate, refuseDataLossOver, watch, rollback }: Scenario): string {
  return bullets([
    name === 'region-failover'
      ? `It **refuses** when promoting would lose more than ${refuseDataLossOver}: wait for the standby to catch up.`
      : `It **refuses** when the standby is more than ${refuseDataLossOver} behind: wait for it to catch up.`,
    `The gate **expires** after ${gate.expires}; the recovery then ends as refused, with nothing changed.`,
    `The gate **asks again** when the expected data loss moves by more than ${gate.drift.dataLoss} while people decide.`,
    `All checks must stay green for ${watch} before the recovery counts as done.`,
    ...criteria(rollback).map((text) => `It **rolls back** when ${text}.`),
  ]);
}

/** Each criterion, completing "it rolls back when …". */
export function criteria({
  for: lasting,
  criticalServicesFailing,
  recoveryTime,
  customerErrors,
  executiveAbort,
}: RollbackCriteria): string[] {
  return [
    criticalServicesFailing === undefined
      ? null
      : `more than ${criticalServicesFailing} critical services fail their checks for ${lasting}`,
    recoveryTime === undefined ? null : `it takes longer than ${recoveryTime}, waiting for people not counted`,
    customerErrors === undefined ? null : `more than ${customerErrors} % of client requests fail for ${lasting}`,
    executiveAbort ? 'somebody with the right to abort says so' : null,
  ].filter((text) => text !== null);
}
