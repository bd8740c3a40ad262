import type { createColors } from 'picocolors';
import type { PhasePreview, Preview } from '../../../plan/preview.ts';
import type { Residency } from '../../../plan/schema.ts';

type Colors = ReturnType<typeof createColors>;
type Shown = Preview & { residency: Residency[] };

/** What would happen, laid out for a terminal. */
export function showText(shown: Shown, colors: Colors): string {
  const sections = [
    heading(shown, colors),
    phases(shown, colors),
    gates(shown, colors),
    list(
      'Fences',
      shown.fences.map(({ component, how }) => `${component}: ${how}`),
      colors,
    ),
    list(`Told, as ${shown.communication.level} (${shown.communication.severity})`, toldTexts(shown), colors),
    list('Refuses when', [`promoting would lose more than ${shown.refusesDataLossOver}`], colors),
    list('Rolls back when', shown.rollsBackWhen, colors),
    list('Data may be in', shown.residency.map(residencyText), colors),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function heading(
  { title, system, environment, mode, scenario, from, to, objectives, planHash }: Shown,
  c: Colors,
): string {
  const { recoveryTimeSeconds, dataLossSeconds } = objectives;
  return [
    `${c.bold(title)} (${system}) in ${environment}, ${mode === 'live' ? c.red('live') : 'drill'}`,
    `${scenario.name}: ${scenario.title}`,
    `${from} → ${to}; recovered within ${recoveryTimeSeconds} s, at most ${dataLossSeconds} s of writes lost`,
    c.dim(`plan ${planHash}`),
  ].join('\n');
}

function phases({ waves, criticalPath }: Shown, c: Colors): string {
  const width = Math.max(...waves.flat().map(({ name }) => name.length));
  const lines = waves.flatMap((wave, index) =>
    wave.flatMap((phase, at) => phaseLines(phase, at === 0 ? String(index + 1) : '', width, c)),
  );
  const { seconds, objectiveSeconds } = criticalPath;
  const verdict = seconds <= objectiveSeconds ? c.green('fits') : c.red('does not fit');
  const total = `Critical path (${c.cyan('●')}): ${seconds} s of ${objectiveSeconds} s, ${verdict}; waiting for people not counted`;
  return [c.bold('Phases'), ...lines, total].join('\n');
}

function phaseLines(phase: PhasePreview, wave: string, width: number, c: Colors): string[] {
  const { name, components, budgetSeconds, onCriticalPath, steps, undo, pointOfNoReturn } = phase;
  const budget = budgetSeconds === null ? 'people' : `${budgetSeconds} s`;
  const mark = onCriticalPath ? c.cyan('●') : ' ';
  const on = components.map((each) => `${each.name} (${each.provider})`).join(', ');
  const what = `${on}${on === '' ? '' : ': '}${steps.join(', ')}`;
  const first = `${wave.padStart(2)} ${mark} ${name.padEnd(width)} ${budget.padStart(7)}  ${what}`;
  const notes = [
    pointOfNoReturn ? c.red('point of no return') : null,
    undo === null ? null : c.dim(`undo: ${undo}${pointOfNoReturn ? ', after approval at the gate "failback"' : ''}`),
  ].filter((note) => note !== null);
  return notes.length === 0 ? [first] : [first, `${' '.repeat(width + 15)}${notes.join('; ')}`];
}

function gates({ gates: all, authority }: Shown, c: Colors): string {
  const { timeZone, localTime, businessHours, notify } = authority;
  const hours = businessHours ? 'business hours' : 'other hours';
  const who = Object.entries(all[0]?.holders ?? {}).map(
    ([role, people]) => `  ${role}: ${people.join(', ') || 'nobody'}`,
  );
  const told = notify === null ? [] : [`  then told within ${notify.within}: ${notify.roles.join(', ')}`];
  return [
    `${c.bold('Gates')}, and who may open them now (${localTime} in ${timeZone}, ${hours})`,
    ...who,
    ...told,
    ...all.map(({ name, asked }) => `  ${name}: asked ${asked}`),
  ].join('\n');
}

const toldTexts = ({ communication }: Shown) =>
  communication.told.map(
    ({ when, roles, soon, channels }) => `${when}: ${roles.join(', ')} ${soon}, by ${channels.join(', ')}`,
  );

const residencyText = ({ data, regions, basis }: Residency) =>
  `${data}: ${regions.join(', ')}${basis === undefined ? '' : ` (${basis})`}`;

function list(title: string, items: readonly string[], c: Colors): string {
  return items.length === 0 ? '' : [c.bold(title), ...items.map((item) => `  ${item}`)].join('\n');
}
