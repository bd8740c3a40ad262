import { channelsOf, whoIsTold } from './render/communication.ts';
import { decisionMatrix } from './render/decisions.ts';
import { bullets, code, commands, listed } from './render/markdown.ts';
import { environmentsOf, whoDecides } from './render/people.ts';
import { promises } from './render/promises.ts';
import { scenarioSection } from './render/scenario.ts';
import type { Environment, Plan } from './schema.ts';

const HEADER = '<!-- Generated from plan.yaml by `npx lifeboat plan render`. Edit the plan, not this page. -->';

/**
 * The runbook of a system as Markdown: all that a person on call needs at 3 a.m., and an auditor to file. The same plan
 * and environments give the same text everywhere.
 */
export function renderRunbook(plan: Plan, environments: readonly Environment[] = []): string {
  const environment = environmentToName(environments);
  const scenarios = Object.entries(plan.scenarios).map(([name, scenario]) =>
    scenarioSection(plan, name, scenario, environment),
  );
  const sections = [
    HEADER,
    `# ${plan.title}: recovery runbook`,
    summary(plan),
    atThree(plan),
    whoDecides(plan),
    whoIsTold(plan),
    ...(environments.length === 0 ? [] : [channelsOf(environments)]),
    promises(plan),
    decisionMatrix(plan),
    ...scenarios,
    gates(plan),
    ...(environments.length === 0 ? [] : [environmentsOf(environments)]),
    evidence(plan),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Commands are typed where it matters: in the environment that is live. */
function environmentToName(environments: readonly Environment[]): string {
  const live = environments.find(({ mode }) => mode === 'live') ?? environments[0];
  return live?.environment ?? 'ENVIRONMENT';
}

function summary({ system, owner, regions, services }: Plan): string {
  const critical = services.filter((service) => service.critical).map(({ name }) => name);
  return bullets([
    `System ${code(system)}, owned by ${owner}`,
    `Serves from **${regions.primary}**; **${regions.standby}** takes over`,
    `Critical services: ${listed(critical)}`,
  ]);
}

function atThree({ system }: Plan): string {
  return [
    '## You have been woken',
    'Lifeboat does the work and waits for you where a person must decide. Every command says what it is about to do.',
    commands([
      [`npx lifeboat status ${system}`, 'what is going on, and what is asked of you'],
      [`npx lifeboat approve ${system}`, 'you have read the facts, and you agree'],
      [`npx lifeboat reject ${system}`, 'you do not; nothing is changed'],
      [`npx lifeboat status ${system} --watch`, 'follow it until it ends'],
    ]),
    'A step that keeps failing pauses its phase and says why. Mend the cause, then choose:',
    commands([
      [`npx lifeboat retry ${system}`, 'try the paused phase again'],
      [`npx lifeboat skip ${system} --reason "…"`, 'go on without it, where nothing relies on it'],
      [`npx lifeboat rollback ${system} --reason "…"`, 'put everything back'],
      [`npx lifeboat abort ${system} --reason "…"`, 'stop; for those with the right to abort'],
    ]),
    'Decisions are signed with your SSH key, and hold for one run of one plan only. Afterwards:',
    commands([[`npx lifeboat report ${system}`, 'what happened, against the objectives']]),
  ].join('\n\n');
}

function gates({ regions }: Plan): string {
  return [
    '## Gates',
    'People decide here, and nowhere else:',
    bullets([
      `${code('approve')}: fail over to ${regions.standby}? Shows what every probe saw and what may be lost.`,
      `${code('split-brain')}: the old primary could not be proved unable to take writes. Approving accepts two primaries for as long as it still runs; rejecting ends the failover. While the store of the lease is away, nothing is promoted whatever is approved: mend it, then retry.`,
      `${code('failback')}: a rollback past the point of no return. The question says whether it discards or keeps the writes made in ${regions.standby} since. Rejecting leaves the system there; ${code('retry --gate failback')} verifies again and goes on when all is green, so mend the cause first.`,
    ]),
  ].join('\n\n');
}

function evidence({ evidence: { retention }, system }: Plan): string {
  return [
    '## Evidence',
    `Every recovery and drill leaves a report: facts, signed approvals, refused ones too, phases against budgets, checks, notifications. It is stored outside both regions, and deleted after ${retention}. ${code(`npx lifeboat report ${system}`)} prints it.`,
  ].join('\n\n');
}
