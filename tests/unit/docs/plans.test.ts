import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AFTER, NOT_SKIPPABLE, REQUIRED } from '../../../plan/action-order.ts';
import { Action } from '../../../plan/schema.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/plans.md'), 'utf8');
const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

/** The rows of the table that begins with this header. */
function rows(header: string): string[] {
  const lines = text.slice(text.indexOf(header)).split('\n');
  return lines.slice(2, lines.indexOf(''));
}

test('the reference has what each scenario must do', () => {
  const wanted = Object.entries(REQUIRED).map(([name, must]) => `| \`${name}\` | ${code(Object.keys(must))} |`);
  expect(rows('| scenario | must do |')).toEqual(wanted);
});

test('the reference has which action comes after which, and why', () => {
  const wanted = Object.entries(AFTER).map(
    ([action, { actions, why }]) => `| \`${action}\` | ${code(actions)}: ${why} |`,
  );
  expect(rows('| action | comes after |')).toEqual(wanted);
});

test('what may be skipped is what no other action relies on', () => {
  expect(Action.options.filter((action) => !NOT_SKIPPABLE.has(action))).toEqual([
    'promote-analytics',
    'rebuild-cache',
    'invalidate-cdn',
    'rebuild-old-primary',
    'rejoin-analytics',
    'mirror-stream-back',
    'stand-down-workloads',
  ]);
});
