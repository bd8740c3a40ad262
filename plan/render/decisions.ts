import type { DecisionRule, Plan } from '../schema.ts';
import { bullets, listed, table } from './markdown.ts';

/** The matrix: what is seen, for how long, and what follows. */
export function decisionMatrix({ decisions, regions }: Plan): string {
  const { rules, flapping, blockFor, lookEvery, unknownFor } = decisions;
  const ruleTable = table(['Rule', 'When', 'Then'], rules.map(ruleRow));
  return [
    '## What is decided, and when',
    `An alert only makes Lifeboat look, every ${lookEvery}, from every place that can. What it sees decides; the first rule that fits counts.`,
    ...(rules.length === 0 ? ['The plan has no rules: people decide.'] : [ruleTable]),
    bullets([
      `What cannot be told never leads to a change: after ${unknownFor} people are asked.`,
      `When ${regions.primary} comes and goes ${flapping.changes} times within ${flapping.within}, people decide.`,
      'Corrupt data is not failed over, and neither is anything to a standby that is not known to be good.',
      `For ${blockFor} after a recovery none starts by itself, unless somebody has acknowledged the last one.`,
      'The chosen scenario starts immediately and waits for approval at its first gate.',
    ]),
  ].join('\n\n');
}

const SEEN: Record<DecisionRule['when'], (rule: DecisionRule) => string> = {
  'data-corrupted': () => 'integrity checks of the data fail',
  maintenance: () => 'maintenance of the region is announced for now',
  'replication-lag': ({ over }) => `the standby is more than ${over} behind`,
  'database-failing': () => 'the database does not answer, and others in its region do',
  'region-unreachable': () => 'the region is unreachable from everywhere',
  'vantages-disagree': () => 'one place reaches the region and another does not',
  'component-failing': (rule) => `${watched(rule)} fails and the database is well`,
  'part-failing': (rule) => `${watched(rule)} has lost a part, such as a pod or a node`,
  'service-failing': () => 'no critical service answers, and the database does',
  'customer-errors': ({ overPercent }) => `more than ${overPercent} % of client requests fail`,
  'backup-age': ({ over }) => `the newest good backup is more than ${over} old`,
};

const watched = ({ components }: DecisionRule) => (components.length === 0 ? 'a component' : listed(components, 'or'));

const THEN: Record<DecisionRule['action'], string> = {
  none: 'nothing',
  wait: 'wait until it has passed',
  'self-heal': 'let it heal by itself, and watch',
  'component-failover': 'fail that component over',
  'region-failover': 'fail over to the other region',
  'database-failover': 'fail the database over',
  restore: 'restore from a clean backup',
  switchover: 'move to the other region as planned',
  'ask-human': 'ask people',
};

function ruleRow(rule: DecisionRule): string[] {
  const long = rule.for === '0s' ? '' : `, for ${rule.for}`;
  const limit = rule.atMost === undefined ? '' : `; ask people after ${rule.atMost}`;
  const free = rule.withoutApproval ? '; may start without approval where the environment says so' : '';
  return [rule.name, `${SEEN[rule.when](rule)}${long}`, `${THEN[rule.action]}${limit}${free}`];
}
