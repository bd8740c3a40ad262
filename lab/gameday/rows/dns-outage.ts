import type { Facts } from '../../../plan/facts.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { Store } from '../../backups/store.ts';
import type { Lab } from '../../lab.ts';
import { THIRD_PLACE } from '../../places.ts';
import { backupPrefix } from '../../services/backups.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import type { OutsideCheck } from '../checks.ts';
import { incidentCloses, incidentWhen, sendAlert } from '../incident.ts';
import { nothingStarted } from '../nothing-started.ts';
import { check, row, type Stage } from '../row.ts';

export const dnsOutage = row({
  name: 'dns-outage',
  title: 'no name server answers, while both regions are well: Lifeboat asks people, and starts nothing',
  plan: twoSites.system,
  shape: twoSites.name,
  disaster: loseNames,
  async mustHold(stage, { since, asked }) {
    return {
      report: null,
      checks: [
        check('people are asked about the names', asked.verdict?.rule === 'edge-failing', `${asked.verdict?.reason}`),
        check('both names were found failing', healths(asked.facts) === 'failing', healths(asked.facts)),
        lookedAtFromTwoPlaces(asked.facts, stage.plan),
        await ageOfTheBackup(stage.lab, asked.facts),
        await nothingStarted(stage, since),
      ],
    };
  },
});

const NAME_SERVER = `${THIRD_PLACE}/dns`;
const ALERT = ['ComponentFailing', 'no name server answers'] as const;
const NAMES = ['dns', 'edge-dns'];

async function loseNames(stage: Stage) {
  const { lab, screen } = stage;
  const since = Date.now();
  screen.title('Disaster: the name servers fall silent');
  lab.signal(NAME_SERVER, 'SIGSTOP');
  const asked = await sendAlert(stage, ...ALERT)
    .then(() => incidentWhen(stage, 'a question', ({ verdict }) => verdict?.action === 'ask-human'))
    .finally(() => lab.signal(NAME_SERVER, 'SIGCONT'));
  screen.say(`  ${asked.verdict?.action}: ${asked.verdict?.reason}`);
  await sendAlert(stage, ...ALERT, true);
  await incidentCloses(stage);
  return { since, asked };
}

/** What is found of both names. */
function healths(facts: Facts | null): string {
  const names = facts?.components?.filter(({ component }) => NAMES.includes(component)) ?? [];
  return [...new Set(names.map(({ health }) => health))].join(' and ');
}

/** Each place by itself, also at those of which nothing could be told. The database has facts of its own. */
function lookedAtFromTwoPlaces(facts: Facts | null, { components }: RecoveryPlan): OutsideCheck {
  const wanted = Object.values(components).flatMap(({ name, kind }) => (kind === 'database' ? [] : [name]));
  const seen = (facts?.vantages ?? []).map((vantage) => {
    const looked = [vantage, ...vantage.regions].flatMap((view) => view.components ?? []);
    const missed = wanted.filter((name) => !looked.some(({ component }) => component === name));
    return { vantage: vantage.vantage, missed };
  });
  const complete = seen.length >= 2 && seen.every(({ missed }) => missed.length === 0);
  return check('two places have looked at every component', complete, JSON.stringify(seen));
}

/** Prometheus is asked as a look begins, which silent name servers hold up. */
const LATE_SECONDS = 30;

async function ageOfTheBackup({ wiring, shape }: Lab, facts: Facts | null): Promise<OutsideCheck> {
  const newest = await new Store(wiring, backupPrefix(shape)).newest();
  const age = (Date.parse(facts?.observedAt ?? '') - Number(newest)) / 1_000;
  const told = facts?.measures?.backupAgeSeconds ?? Number.NaN;
  const seen = `told ${told.toFixed(1)} s; the newest in object storage was ${age.toFixed(1)} s old`;
  return check('the age of the newest backup is known', Math.abs(told - age) <= LATE_SECONDS, seen);
}
