import type { Facts } from '../../plan/facts.ts';
import { forbidsPromotion, promotionRemarks } from '../../plan/promotable.ts';
import type { GateStatus, PhaseStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { bytes, clock, columns, duration, known } from '../format.ts';
import type { Approvers } from '../ssh-keys.ts';
import { hasEnded } from './ended.ts';
import { type Block, fitBlocks, type Size } from './fit.ts';
import { nextCommands } from './next-commands.ts';
import { type Paint, painter } from './paint.ts';

export interface RenderOptions {
  color: boolean;
  now: Date;
  /** What there is room for; without it, all is shown. */
  size?: Size;
  /** Names the people who may decide; without it only their roles are shown. */
  approvers?: Approvers['approvers'];
}

/** How many of the last events are shown. */
const LAST_EVENTS = 6;

/** A recovery as one screen of text, for somebody woken at 3 a.m.: where it stands, and what to type next. */
export function renderStatus(status: RecoveryStatus, options: RenderOptions): string {
  const { color, now, approvers = [], size = UNBOUNDED } = options;
  const paint = painter(color);
  const underWay = status.phases.filter(({ state }) => !['waiting', 'done', 'skipped'].includes(state));
  const phases: Block = {
    lines: phasesBlock(status.phases, paint, now),
    shorter: [underWay.length === 0 ? [] : phasesBlock(underWay, paint, now), []],
    cut: true,
  };
  const steps: Block = { lines: stepsBlock(status, paint), shorter: [[]], cut: true };
  const events: Block = { lines: eventsBlock(status, paint), shorter: [[]], cut: true };
  const gates = status.gates.map((gate): Block => gateBlocks(gate, paint, now, approvers));
  const blocks = [
    { lines: headBlock(status, paint, now) },
    ...[phases, steps, ...gates, events],
    { lines: nextBlock(status, paint) },
  ];
  return `${fitBlocks(blocks, [events, steps, phases, ...gates], size).join('\n')}\n`;
}

const UNBOUNDED: Size = { columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY };

function headBlock(status: RecoveryStatus, paint: Paint, now: Date): string[] {
  const { system, scenario, from, to, environment, mode } = status;
  return [
    `${paint.strong(system)}  ${scenario}  ${from} -> ${to}  ${environment} (${mode})`,
    `${paint.recovery(status.state, status.state.toUpperCase())}  ${status.summary}`,
    `clock  ${clockLine(status, paint, now)}`,
    paint.quiet(`run    ${status.workflowId} ${status.runId}`),
  ];
}

/** Time since detection against the objective; the share of people is shown apart, and not taken off. */
function clockLine(status: RecoveryStatus, paint: Paint, now: Date): string {
  const end = hasEnded(status) ? (status.timeline.at(-1)?.at ?? status.startedAt) : now.toISOString();
  const elapsed = secondsBetween(status.detectedAt, end);
  const waiting = status.waitingSince === null ? 0 : secondsBetween(status.waitingSince, end);
  const human = status.humanSeconds + waiting;
  const line = `${duration(elapsed)} of ${duration(status.objectiveSeconds)} since detection, ${duration(human)} of it waiting for people`;
  return elapsed > status.objectiveSeconds ? paint.bad(`${line}: over the objective`) : line;
}

function phasesBlock(phases: PhaseStatus[], paint: Paint, now: Date): string[] {
  const [head, ...lines] = columns([
    ['phase', 'state', 'budget', 'actual', 'attempts', ''],
    ...phases.map((phase) => phaseRow(phase, now)),
  ]);
  return [paint.quiet(head ?? ''), ...lines.map((line, index) => paint.phase(phases[index]?.state ?? 'waiting', line))];
}

/** What the steps that run now wait for, in their own words. */
function stepsBlock({ steps = [] }: RecoveryStatus, paint: Paint): string[] {
  if (steps.length === 0) return [];
  return [paint.quiet('running steps'), ...steps.map(({ step, words }) => `  ${step}  ${words}`)];
}

function phaseRow(phase: PhaseStatus, now: Date): string[] {
  const actual = actualSeconds(phase, now);
  const over = actual !== null && phase.budgetSeconds !== null && actual > phase.budgetSeconds;
  return [
    phase.name,
    phase.state,
    phase.budgetSeconds === null ? '-' : duration(phase.budgetSeconds),
    actual === null ? '-' : `${duration(actual)}${over ? ' !' : ''}`,
    phase.attempts === 0 ? '-' : String(phase.attempts),
    phase.detail,
  ];
}

function actualSeconds(phase: PhaseStatus, now: Date): number | null {
  if (phase.actualSeconds !== null) return phase.actualSeconds;
  if (phase.startedAt === null) return null;
  // While it only watches, the clock against its budget stands still.
  const until = phase.watchingSince ?? now.toISOString();
  return secondsBetween(phase.startedAt, until) - (phase.watchSeconds ?? 0);
}

/** One gate: what it asks, since when it waits, and the people who may open it. */
export function renderGate(
  status: RecoveryStatus,
  gate: GateStatus,
  { color, now, approvers = [] }: RenderOptions,
): string {
  const next = nextCommands({ ...status, gates: [gate], phases: [] }).map((command) => `  ${command}`);
  return `${[...gateBlock(gate, painter(color), now, approvers), ...next].join('\n')}\n`;
}

/** Without its facts where there is no room for them: what is asked, and of whom, stays. */
function gateBlocks(gate: GateStatus, paint: Paint, now: Date, approvers: Approvers['approvers']): Block {
  const lines = gateBlock(gate, paint, now, approvers);
  return { lines, shorter: [gateBlock({ ...gate, facts: null }, paint, now, approvers)] };
}

function gateBlock(gate: GateStatus, paint: Paint, now: Date, approvers: Approvers['approvers']): string[] {
  const left = secondsBetween(now.toISOString(), gate.expiresAt);
  const open = secondsBetween(gate.openedAt, now.toISOString());
  return [
    paint.recovery('waiting', `decision wanted: ${gate.name}`),
    `  ${gate.question}`,
    `  action   ${gate.action}`,
    `  open     for ${duration(open)}, since ${clock(gate.openedAt)} UTC; expires in ${duration(left)}, then as rejected`,
    ...gate.requiredRoles.map((role) => `  needs    ${role}: ${whoHolds(gate, role, approvers)}`),
    ...answerLines(gate),
    ...(gate.facts ? factLines(gate.facts, now, gate.dataLoss).map((line) => `  facts    ${line}`) : []),
  ];
}

/** What each answer leads to. */
const answerLines = ({ answers: { approve, reject, retry } }: GateStatus): string[] => [
  `  approve  ${approve}`,
  `  reject   ${reject}`,
  ...(retry === undefined ? [] : [`  retry    ${retry}`]),
];

function whoHolds(gate: GateStatus, role: string, approvers: Approvers['approvers']): string {
  const given = gate.given.filter((voice) => voice.role === role).map(({ identity }) => identity);
  if (given.length > 0) return `given by ${given.join(', ')}`;
  const may = approvers.filter(({ roles }) => roles.includes(role)).map(({ identity }) => identity);
  return may.length > 0 ? `missing; ${may.join(' or ')} may give it` : 'missing';
}

const readiness = (ready: boolean) => (ready ? 'ready to take over' : 'NOT ready to take over');

/**
 * The facts in words, for the person who decides on them.
 *
 * @param dataLoss what is lost by approving, in words, where it is not that of a promotion
 */
export function factLines(facts: Facts, now: Date, dataLoss?: string): string[] {
  const age = duration(secondsBetween(facts.observedAt, now.toISOString()));
  const forbidden = forbidsPromotion(facts);
  return [
    `observed ${age} ago, at ${clock(facts.observedAt)} UTC, from ${facts.vantages.map(({ vantage }) => vantage).join(', ') || 'nowhere'}`,
    `${facts.from}: ${known(facts.fromUnreachable, (unreachable) => (unreachable ? `UNREACHABLE${sinceText(facts)}` : 'reachable'))}`,
    `standby in ${facts.to}: ${forbidden === null ? known(facts.standbyReady, readiness) : `NOT ready to take over: ${forbidden}`}`,
    ...promotionRemarks(facts),
    `data loss: ${dataLoss ?? promotionLoss(facts)}`,
    `DNS resolves to: ${facts.servingRegions.join(', ') || 'unknown'}`,
    ...componentLines(facts),
    ...measureLines(facts),
    ...(facts.alertsLeftOut ? [`alerts: at least ${facts.alertsLeftOut} were left out by their sender`] : []),
    ...remarkLines(facts),
  ];
}

const promotionLoss = ({ expectedDataLossSeconds, expectedDataLossBytes }: Facts): string =>
  `${known(expectedDataLossSeconds, (seconds) => `at most ${duration(seconds)}`)}` +
  ` (known to be missing: ${known(expectedDataLossBytes, bytes)})`;

function sinceText({ unreachableSince, observedAt }: Facts): string {
  if (!unreachableSince) return '';
  return ` since ${clock(unreachableSince)} UTC (${duration(secondsBetween(unreachableSince, observedAt))})`;
}

/** What does not do its work, or may not, by region. */
function componentLines({ components }: Facts): string[] {
  if (components === undefined) return [];
  const amiss = components.filter(({ health }) => health !== 'healthy');
  if (amiss.length === 0) return ['components: all healthy'];
  const groups = Map.groupBy(amiss, ({ region, health }) => (region === null ? health : `${health} in ${region}`));
  return [...groups].map(
    ([what, those]) => `components ${what}: ${those.map(({ component }) => component).join(', ')}`,
  );
}

function measureLines({ measures }: Facts): string[] {
  if (measures === undefined) return [];
  const { customerErrorsPercent, backupAgeSeconds, dataCorrupted } = measures;
  return [
    `client requests that fail: ${known(customerErrorsPercent, (percent) => `${percent.toFixed(1)} %`)}`,
    `age of the newest good backup: ${known(backupAgeSeconds, duration)}`,
    `integrity checks of the data: ${known(dataCorrupted, (corrupted) => (corrupted ? 'FAILED' : 'passed'))}`,
  ];
}

/** What is odd, each thing once with all who saw it. */
function remarkLines({ vantages }: Facts): string[] {
  const seen = vantages.flatMap(({ vantage, regions }) =>
    regions.flatMap(({ region, remarks }) => remarks.map((remark) => ({ vantage, what: `on ${region}: ${remark}` }))),
  );
  const bySight = Map.groupBy(seen, ({ what }) => what);
  return [...bySight].map(([what, by]) => `${by.map(({ vantage }) => vantage).join(', ')} ${what}`);
}

function eventsBlock({ timeline }: RecoveryStatus, paint: Paint): string[] {
  if (timeline.length === 0) return [];
  const lines = timeline.slice(-LAST_EVENTS).map(({ at, text }) => `${clock(at)}  ${text}`);
  return [paint.quiet('last events (UTC)'), ...lines];
}

function nextBlock(status: RecoveryStatus, paint: Paint): string[] {
  return [paint.quiet('next'), ...nextCommands(status).map((command) => `  ${command}`)];
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;
