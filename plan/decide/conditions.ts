import { componentsFor, nameText, reachable, regionViews } from '../combine-facts.ts';
import { seconds } from '../duration.ts';
import type { ComponentFacts, Facts } from '../facts.ts';
import type { DecisionRules } from '../recovery-plan.ts';
import type { Condition, DecisionRule } from '../schema.ts';

/** Whether a rule's condition holds in one look at the facts. */
export interface Sighting {
  /** Null: it cannot be told. */
  holds: boolean | null;
  /** What was seen, in the words that people read. */
  text: string;
  component: string | null;
}

interface Look {
  facts: Facts;
  rule: DecisionRule;
  rules: DecisionRules;
  now: Date;
}

type Judge = (look: Look) => Sighting;

const seen = (holds: boolean | null, text: string, component: string | null = null): Sighting => ({
  holds,
  text,
  component,
});

/** What each condition of the language of plans means in facts. */
const JUDGES: Record<Condition, Judge> = {
  'data-corrupted': ({ facts }) => seen(facts.measures?.dataCorrupted ?? null, 'integrity checks of the data fail'),
  maintenance,
  'replication-lag': ({ facts, rule }) =>
    above(facts.expectedDataLossSeconds, rule.over, (lag) => `the standby in ${facts.to} is ${lag} s behind`),
  'database-failing': databaseFailing,
  'region-unreachable': ({ facts }) => seen(facts.fromUnreachable, `${facts.from} is unreachable from everywhere`),
  'vantages-disagree': vantagesDisagree,
  'component-failing': ({ facts, rule }) => ofHealth(facts, rule, 'failing'),
  'part-failing': ({ facts, rule }) => ofHealth(facts, rule, 'degraded'),
  'service-failing': serviceFailing,
  'customer-errors': ({ facts, rule: { overPercent } }) => {
    const percent = facts.measures?.customerErrorsPercent ?? null;
    const holds = percent === null ? null : percent > (overPercent ?? 0);
    return seen(holds, `${percent?.toFixed(1)} % of client requests fail`);
  },
  'backup-age': ({ facts, rule }) =>
    above(facts.measures?.backupAgeSeconds ?? null, rule.over, (age) => `the newest good backup is ${age} s old`),
};

export const sight = (look: Look): Sighting => JUDGES[look.rule.when](look);

function above(value: number | null, limit: string | undefined, text: (rounded: number) => string): Sighting {
  if (value === null) return seen(null, 'it is unknown');
  return seen(value > seconds(limit ?? '0s'), text(Math.round(value)));
}

/** Moving away is planned only while there is something to move away from. */
function maintenance({ facts, rules, now }: Look): Sighting {
  const at = now.getTime();
  const window = rules.maintenance.find(
    ({ region, from, until }) => region === facts.from && at >= Date.parse(from) && at < Date.parse(until),
  );
  if (window === undefined) return seen(false, 'no maintenance is announced');
  const { reason, until } = window;
  const reaching = facts.fromUnreachable === null ? null : !facts.fromUnreachable;
  return seen(reaching, `maintenance of ${facts.from} is announced until ${until}: ${reason}`);
}

/** The database alone: something else in its region answers. What AWS says of a load balancer is no answer from there. */
function databaseFailing({ facts }: Look): Sighting {
  const answers = regionViews(facts, facts.from).map(({ databaseReachable }) => databaseReachable);
  const text = `the database in ${facts.from} does not answer, and others there do`;
  if (answers.length === 0 || answers.includes(true)) return seen(answers.length === 0 ? null : false, text);
  const serves = regionViews(facts, facts.from).some(({ serviceReachable }) => serviceReachable === true);
  const others = (facts.components ?? []).filter(
    ({ region, kind }) => region === facts.from && kind !== 'load-balancer',
  );
  const othersAnswer = serves || others.some(({ health }) => health === 'healthy');
  if (!othersAnswer) return seen(false, `nothing in ${facts.from} answers`);
  return seen(answers.includes(null) ? null : true, text);
}

function vantagesDisagree({ facts }: Look): Sighting {
  const views = facts.vantages.map((vantage) => ({ name: vantage.vantage, can: reachable(vantage, facts.from) }));
  const names = (can: boolean) => views.flatMap((view) => (view.can === can ? [view.name] : []));
  const [yes, no] = [names(true), names(false)];
  const text = `${facts.from} is reachable from ${yes.join(', ')} and unreachable from ${no.join(', ')}`;
  return seen(yes.length > 0 && no.length > 0, text);
}

/** The first of the rule's components with that health. A failing database is no matter of a component. */
function ofHealth(facts: Facts, { components }: DecisionRule, health: ComponentFacts['health']): Sighting {
  const watched = componentsFor(facts, facts.from).filter(
    ({ component }) => components.length === 0 || components.includes(component),
  );
  const found = watched.find((each) => each.health === health);
  const databaseAnswers = regionViews(facts, facts.from).some(({ databaseReachable }) => databaseReachable === true);
  if (found !== undefined && databaseAnswers) {
    const detail = found.detail === '' ? '' : ` (${found.detail})`;
    return seen(true, `${nameText(found)} is ${health}${detail}; the database is well`, found.component);
  }
  if (found !== undefined) return seen(null, `${found.component} is ${health}, and so may be the database`);
  const unknown = watched.length === 0 || watched.some((each) => each.health === 'unknown');
  return seen(unknown ? null : false, `nothing watched is ${health}`);
}

/** No service answers in the region whose database does. */
function serviceFailing({ facts }: Look): Sighting {
  const views = regionViews(facts, facts.from);
  const text = `no critical service answers in ${facts.from}, and its database does`;
  if (views.some(({ serviceReachable }) => serviceReachable === true)) return seen(false, text);
  const known = views.length > 0 && views.every(({ serviceReachable }) => serviceReachable === false);
  const databaseAnswers = views.some(({ databaseReachable }) => databaseReachable === true);
  return seen(known ? databaseAnswers : null, text);
}
