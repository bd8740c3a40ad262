import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '../../../plan/actions/action.ts';
import { ACTIONS } from '../../../plan/actions/index.ts';
import { isSkippable, relyingOn } from '../../../plan/actions/order.ts';
import { SCENARIO_KINDS } from '../../../plan/scenario-kinds.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/plans.md'), 'utf8');
const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

const all = Object.entries(ACTIONS) as [string, Action][];
/** One phase of each action. */
const phases = all.map(([action]) => ({ action }));

/** The rows of the table that begins with this header. */
function rows(header: string): string[] {
  const lines = text.slice(text.indexOf(header)).split('\n');
  return lines.slice(2, lines.indexOf(''));
}

test('the reference has every action, and on which kinds of component it acts', () => {
  const named = rows('| action | on | does |').map((row) => row.split('|').slice(1, 3).join('|').trim());
  expect(named).toEqual(all.map(([name, { kinds }]) => `\`${name}\` | ${kinds.join(', ')}`.trim()));
});

test('the reference has what each scenario must do', () => {
  const wanted = Object.entries(SCENARIO_KINDS).map(([scenario, { planned, returns }]) => {
    const moves = { move: true, planned, return: returns };
    const must = all.flatMap(([name, { needed }]) => (needed !== undefined && moves[needed.by] ? [name] : []));
    return `| \`${scenario}\` | ${code(must)} |`;
  });
  expect(rows('| scenario | must do |')).toEqual(wanted);
});

test('the reference has which action comes after which, and why', () => {
  const wanted = all.flatMap(([action, { after }]) => {
    if (after === undefined) return [];
    const others = relyingOn({ action }, phases).map((phase) => phase.action);
    return [`| \`${action}\` | ${code(others)}: ${after.why} |`];
  });
  expect(rows('| action | comes after |')).toEqual(wanted);
});

test('what may be skipped is what no other action relies on', () => {
  expect(phases.filter((phase) => isSkippable(phase, phases)).map(({ action }) => action)).toEqual([
    'promote-analytics',
    'rebuild-cache',
    'invalidate-cdn',
    'rebuild-old-primary',
    'rejoin-analytics',
    'mirror-stream-back',
    'stand-down-workloads',
  ]);
});
