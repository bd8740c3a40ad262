import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Standing } from '../../plan/break-glass/standing.ts';
import { keepByHand } from './proxies.ts';
import { readable } from './readable.ts';
import { iso, type Recovery } from './recovery.ts';

/** After a failure it is tried again this much later, if nothing new is to be written before. */
const AGAIN_MS = 30_000;

/** Between two writes: each takes part of the machine that the steps need, and phases end within moments of another. */
const QUIET_MS = 1_000;

/**
 * Keeps a runbook of what remains to be done, for people without Temporal, as long as the recovery runs. Each write
 * holds all that has changed since the one before, a second ago or longer. The recovery never waits for it, and never fails by
 * it, but at its end: then the runbook says that nothing remains.
 *
 * @returns ends it; settles when the end is written, or cannot be
 */
export function keepBreakGlass(recovery: Recovery): () => Promise<void> {
  let over = false;
  // What happens on the way back, and after a cancellation, is to be read as well.
  const keeping = CancellationScope.nonCancellable(async () => {
    let written = '';
    let failed = false;
    for (;;) {
      const seen = written;
      const news = () => over || fingerprint(recovery) !== seen;
      await (failed ? condition(news, AGAIN_MS) : condition(news));
      const current = fingerprint(recovery);
      if (over && current === written && !failed) return;
      written = current;
      failed = !(await store(recovery, failed));
      if (over && failed) return;
      await Promise.race([sleep(QUIET_MS, { summary: 'the next break-glass runbook' }), condition(() => over)]);
    }
  });
  return async () => {
    over = true;
    await keeping;
  };
}

/** What the runbook depends on: it is written again when this differs. */
function fingerprint({ state, phases, gates, inverses, goingBack, pointOfNoReturnPassed }: Recovery): string {
  const standing = phases.map(({ name, state: of, attempts }) => [name, of, attempts]);
  const open = gates.map(({ name, openedAtMs }) => [name, openedAtMs]);
  return JSON.stringify([state, standing, open, inverses.length, goingBack, pointOfNoReturnPassed]);
}

/** Answers whether it could be kept; the timeline says when that changes. */
async function store(recovery: Recovery, failedBefore: boolean): Promise<boolean> {
  try {
    const summary = 'keep what remains, to be done by hand if need be';
    await keepByHand.storeBreakGlass.executeWithOptions({ summary }, [standingOf(recovery)]);
    if (failedBefore) recovery.note('the break-glass runbook is kept again');
    return true;
  } catch (error) {
    if (!failedBefore) recovery.note(`the break-glass runbook cannot be kept: ${readable(error)}`);
    return false;
  }
}

function standingOf(recovery: Recovery): Standing {
  const { input, ref, scenario, state } = recovery;
  const { system, title, environment, mode, hash, components, service, services, evidence, approvers } = input.plan;
  return {
    asOf: iso(Date.now()),
    plan: { system, title, environment, mode, hash, components, service, services, evidence },
    approvers: approvers.map(({ identity, roles }) => ({ identity, roles })),
    ...ref,
    scenario: input.scenario,
    title: scenario.title,
    from: input.from,
    to: input.to,
    state,
    summary: recovery.summary,
    ended: !['running', 'waiting', 'paused', 'rolling-back'].includes(state),
    goingBack: recovery.goingBack,
    pointOfNoReturnPassed: recovery.pointOfNoReturnPassed,
    planned: scenario.phases,
    phases: recovery.phases,
    gates: recovery.gates.map((gate) => {
      const { name, action, question, openedAt, expiresAt, requiredRoles, given } = gate.status();
      return { name, action, question, openedAt, expiresAt, requiredRoles, given };
    }),
    recorded: recovery.inverses.map(({ key, step, snapshot }) => ({
      key,
      component: step.component.name,
      from: step.from,
      to: step.to,
      ...snapshot,
    })),
  };
}
