import { actionOf } from './actions/index.ts';
import { type AuthorityVerdict, authorityAt, localTime } from './authority.ts';
import { channelsFor } from './channels.ts';
import { levelOf } from './communication.ts';
import { seconds } from './duration.ts';
import { criticalPath, waves } from './graph.ts';
import type { RecoveryPlan } from './recovery-plan.ts';
import { told } from './render/communication.ts';
import { criteria } from './render/scenario.ts';
import { objectivesOf, usualDirection } from './scenario.ts';
import type { Phase, Scenario, ScenarioName } from './schema.ts';
import type { Wiring } from './wiring/index.ts';

export interface PhasePreview {
  name: string;
  action: string;
  components: { name: string; provider: string }[];
  /** Null at a gate. */
  budgetSeconds: number | null;
  onCriticalPath: boolean;
  /** Verbs, in order. */
  steps: string[];
  /** The verb that undoes it; null when there is nothing to undo. */
  undo: string | null;
  pointOfNoReturn: boolean;
}

export interface GatePreview {
  name: string;
  /** When it is asked, in a few words. */
  asked: string;
  requiredRoles: string[];
  /** By required role: the identities that hold it. */
  holders: Record<string, string[]>;
}

/** Who would be told, when, and by which channels. */
export interface CommunicationPreview {
  level: string;
  severity: string;
  told: { when: string; roles: string[]; soon: string; channels: string[] }[];
}

/** What a scenario would do, were it started now. */
export interface Preview {
  system: string;
  title: string;
  environment: string;
  mode: string;
  scenario: { name: ScenarioName; title: string };
  from: string;
  to: string;
  planHash: string;
  objectives: RecoveryPlan['objectives'];
  criticalPath: { names: string[]; seconds: number; objectiveSeconds: number };
  /** Phases of a wave run at the same time at the earliest; each waits for its own needs only. */
  waves: PhasePreview[][];
  authority: {
    timeZone: string;
    localTime: string;
    businessHours: boolean;
    notify: { roles: string[]; within: string } | null;
  };
  gates: GatePreview[];
  fences: { component: string; how: string }[];
  communication: CommunicationPreview;
  refusesDataLossOver: string;
  rollsBackWhen: string[];
  watch: string;
}

/** What would happen, and who could open the gates at that time. Pure: nothing is probed. */
export function previewRecovery(plan: RecoveryPlan, name: ScenarioName, scenario: Scenario, at: Date): Preview {
  const path = criticalPath(scenario.phases);
  const objectives = objectivesOf(plan, scenario);
  const verdict = authorityAt(plan, name, at);
  const { notify = null } = verdict.waived ?? verdict;
  const { day, time } = localTime(plan.authority.timeZone, at);
  return {
    system: plan.system,
    title: plan.title,
    environment: plan.environment,
    mode: plan.mode,
    scenario: { name, title: scenario.title },
    ...usualDirection(plan, name),
    planHash: plan.hash,
    objectives,
    criticalPath: { ...path, objectiveSeconds: objectives.recoveryTimeSeconds },
    waves: waves(scenario.phases).map((wave) => wave.map((phase) => previewPhase(plan, phase, path.names))),
    authority: {
      timeZone: plan.authority.timeZone,
      localTime: `${day} ${time}`,
      businessHours: verdict.businessHours,
      notify,
    },
    gates: previewGates(plan, scenario, verdict),
    fences: previewFences(plan, scenario),
    communication: previewCommunication(plan, name),
    refusesDataLossOver: scenario.refuseDataLossOver,
    rollsBackWhen: criteria(scenario.rollback),
    watch: scenario.watch,
  };
}

function previewPhase(plan: RecoveryPlan, phase: Phase, path: readonly string[]): PhasePreview {
  const { steps, undo } = actionOf(phase.action);
  return {
    name: phase.name,
    action: phase.action,
    components: phase.components.map((name) => ({ name, provider: plan.components[name]?.provider ?? 'unknown' })),
    budgetSeconds: phase.budget === undefined ? null : seconds(phase.budget),
    onCriticalPath: path.includes(phase.name),
    steps: steps.map(({ verb }) => verb),
    undo: undo.verb,
    pointOfNoReturn: phase.pointOfNoReturn,
  };
}

function previewGates(
  { approvers }: RecoveryPlan,
  { phases }: Scenario,
  { requiredRoles, waived }: AuthorityVerdict,
): GatePreview[] {
  const holding = (role: string) =>
    approvers.filter(({ roles }) => roles.includes(role)).map(({ identity }) => identity);
  const holders = Object.fromEntries(requiredRoles.map((role) => [role, holding(role)]));
  const promotes = promotions(phases).length > 0;
  const gates = [
    {
      name: 'approve',
      asked: waived === null ? 'always, before anything is changed' : 'never: this drill needs no approval',
    },
    ...(promotes ? [{ name: 'split-brain', asked: 'when the fence of the old primary cannot be proved' }] : []),
    ...(phases.some(({ pointOfNoReturn }) => pointOfNoReturn)
      ? [{ name: 'failback', asked: 'when a rollback would go past the point of no return' }]
      : []),
  ];
  return gates.map((gate) => ({ ...gate, requiredRoles, holders }));
}

const promotions = (phases: Scenario['phases']) =>
  phases.filter(({ action }) => actionOf(action).provides?.includes('primary'));

function previewFences(plan: RecoveryPlan, { phases }: Scenario): Preview['fences'] {
  const promoted = promotions(phases).flatMap(({ components }) => components);
  return promoted.map((component) => ({ component, how: fenceOf(plan, component) }));
}

function fenceOf({ components }: RecoveryPlan, name: string): string {
  const component = components[name];
  if (component?.provider !== 'postgres-streaming') return 'no lease: people are asked at the gate "split-brain"';
  const { lease } = (component.wiring as Wiring<'postgres-streaming'>).shared;
  if (lease === undefined) return 'no lease: people are asked at the gate "split-brain"';
  return `lease s3://${lease.bucket}/${lease.key}: a primary that cannot renew it for ${lease.ttl} stops itself`;
}

function previewCommunication({ communication, notifications }: RecoveryPlan, scenario: string): CommunicationPreview {
  const { name: level, severity, ...rest } = levelOf(communication, scenario);
  const by = (roles: string[]) => channelsFor(notifications, { roles, severity }).map(({ name }) => name);
  return { level, severity, told: told(rest).map((row) => ({ ...row, channels: by(row.roles) })) };
}
