import { setHandler } from '@temporalio/workflow';
import { authorityAt } from '../../plan/authority.ts';
import type { SignedDecision, Statement, Verb } from '../../plan/decision.ts';
import type { Direction } from '../../plan/direction.ts';
import { usualDirection } from '../../plan/scenario.ts';
import type { ScenarioName } from '../../plan/schema.ts';
import { incidentDecisionSignals, type OpenDecision } from '../incident-messages.ts';
import { decideUpdate } from '../recovery/messages.ts';
import { signatureQueue } from '../signature-queue.ts';
import { because, type Decidable, decideOn, rejectHopeless, type Target } from '../signed-decisions.ts';
import type { Incident } from './state.ts';

/** Listens to people: by Update where the caller wants the answer, by signal from the Temporal UI and CLI. */
export function listen(incident: Incident): void {
  const on = decidable(incident);
  setHandler(decideUpdate, (decision) => decideOn(on, decision, null), {
    validator: (decision) => rejectHopeless(on, decision),
    description: 'A signed decision: acknowledge or override. Answers whether it was accepted.',
  });
  for (const [verb, signal] of Object.entries(incidentDecisionSignals)) {
    const handler = async (decision: SignedDecision) => void (await decideOn(on, decision, verb as Verb));
    setHandler(signal, handler, { description: `A signed "${verb}", as printed by lifeboat ${verb} --print.` });
  }
}

function decidable(incident: Incident): Decidable {
  const signatures = signatureQueue(incident.plan);
  return {
    plan: incident.plan,
    ref: { workflowId: incident.ref.workflowId, runId: incident.ref.runId },
    approvals: incident.memory.approvals,
    usedNonces: incident.usedNonces,
    note: (text) => incident.note(text),
    verify: (decision) => signatures.verify(decision),
    dropped: () => {
      incident.memory.refusedBefore.all += 1;
      incident.memory.refusedBefore.notKept += 1;
    },
    targetOf: (statement) => targetOf(incident, statement),
  };
}

/** What may be said just now: see to the last recovery, or start a scenario whatever the matrix says. */
export function openDecisions(incident: Incident): OpenDecision[] {
  const { plan, memory } = incident;
  const rolesFor = (scenario: string | null) => authorityAt(plan, scenario, new Date(Date.now())).requiredRoles;
  const last = memory.history.lastRecovery;
  const acknowledge = last === null || last.acknowledged ? [] : [`acknowledge ${last.id}`];
  const override = memory.current === null ? Object.keys(plan.scenarios) : [];
  const target = 'incident' as const;
  return [
    ...acknowledge.map((action) => ({ verb: 'acknowledge' as const, target, action, roles: rolesFor(null) })),
    ...override.map((name) => {
      return { verb: 'override' as const, target, action: overrideOf(incident, name), roles: rolesFor(name) };
    }),
  ];
}

function overrideOf(incident: Incident, scenario: string): string {
  const { from, to } = directionFor(incident, scenario as ScenarioName);
  return `override: ${scenario} ${from} -> ${to}`;
}

const directionFor = ({ plan, memory }: Incident, scenario: ScenarioName): Direction =>
  usualDirection(plan, scenario, memory.direction);

function targetOf(incident: Incident, { verb, target, action, reason }: Statement): Target | null {
  const open = openDecisions(incident).filter((each) => each.verb === verb && each.target === target);
  const meant = open.find((each) => each.action === action) ?? open[0];
  // Without a reason nobody could tell later why the matrix was not heeded.
  if (meant === undefined || (verb === 'override' && !reason)) return null;
  const bound = { name: meant.target, action: meant.action, factsDigest: null, roles: meant.roles };
  return { ...bound, take: verb === 'acknowledge' ? acknowledging(incident) : overriding(incident) };
}

const acknowledging = (incident: Incident): Target['take'] => {
  return (statement, { identity }) => {
    incident.acknowledge();
    return `${statement.action} by ${identity}${because(statement)}: the next recovery may start by itself`;
  };
};

const overriding = (incident: Incident): Target['take'] => {
  return (statement, { identity }) => {
    const scenario = Object.keys(incident.plan.scenarios).find(
      (name) => overrideOf(incident, name) === statement.action,
    ) as ScenarioName;
    // What was signed names the regions, wherever the next look sees the system.
    const direction = directionFor(incident, scenario);
    incident.memory.asked = null;
    incident.memory.ordered = { scenario, direction, by: `${identity}${because(statement)}` };
    return `${statement.action} ordered by ${identity}${because(statement)}`;
  };
};
