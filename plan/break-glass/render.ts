import { actionOf } from '../actions/index.ts';
import { dependencyOrder } from '../graph.ts';
import { bullets, code, listed, table } from '../render/markdown.ts';
import type { Phase } from '../schema.ts';
import type { Instruction } from './instruction.ts';
import type { OpenGate, Recorded, Standing } from './standing.ts';
import { instructionsBack, instructionsFor, secretsOf, toolsOf } from './steps.ts';

/** Phases in these states are still to be done. */
const OPEN = ['waiting', 'running', 'paused'];

/**
 * The break-glass runbook: what a person has to do when Temporal or Lifeboat is gone in the middle of a recovery, with
 * the vendors' own tools and every parameter filled in. Markdown that reads as plain text; secrets by name only.
 */
export function renderBreakGlass(standing: Standing): string {
  const { plan, scenario, from, to } = standing;
  const parts = [
    `# Break glass: ${plan.system}, ${scenario} ${from} -> ${to}`,
    freshness(standing),
    facts(standing),
    ...(standing.ended ? [ended(standing)] : [before(standing), ...body(standing)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function freshness({ asOf, plan, workflowId }: Standing): string {
  return [
    `**As of ${asOf}.** What happened after that is not in here: look before every step.`,
    `While Temporal and Lifeboat run, leave this alone and use \`npx lifeboat status ${plan.system}\`. This is for when they are gone and do not come back within the time that you have: the steps of \`${workflowId}\` that remain, to be done by hand.`,
  ].join('\n\n');
}

function facts({ plan, workflowId, runId, state, summary, title, gates, pointOfNoReturnPassed }: Standing): string {
  return table(
    ['', ''],
    [
      ['system', `${plan.title} (${code(plan.system)}), environment ${plan.environment}, ${plan.mode}`],
      ['recovery', `${code(workflowId)}, run ${code(runId)}: ${title}`],
      ['plan', code(plan.hash)],
      ['state', `**${state}**: ${summary}`],
      ['decisions open', gates.map(({ name }) => code(name)).join(', ') || 'none'],
      ['point of no return', pointOfNoReturnPassed ? '**passed**: rollback needs its own approval' : 'not passed'],
    ],
  );
}

function ended({ state, summary }: Standing): string {
  return `## This recovery has ended: ${state}\n\n${summary}\n\nNothing remains of it to be done by hand. **Follow none of its steps.**`;
}

function before(standing: Standing): string {
  const { plan, workflowId, from } = standing;
  const secrets = secretsOf(standing);
  return [
    '## Before you do anything',
    bullets([
      `**Never let Lifeboat and a person act at the same time: that is how split brain happens.** Stop its workers, those of \`lifeboat\` and of every \`lifeboat-<system>-<region>\`, and see that no process of them is left. A worker that has lost Temporal may still end the step that it is in: wait for that, or kill it.`,
      `**Never two writers.** Nothing is promoted before ${from} is fenced and that is proved; a guess is no proof.`,
      'Each step begins with a look. What is done already is left alone; to repeat a step is harmless where it does not say otherwise.',
      `Commands are for bash, with ${listed(toolsOf(standing).map(code))}; the AWS CLI must know \`--if-match\` (1.36, 2.22). AWS is asked with your own credentials.`,
      `Secrets are named, not shown: \`export SECRETS=…\`, a folder with the files ${listed(secrets.map(code)) || '(none)'}.`,
      `Write down what you do and when, and what was there before you change it. **When Temporal is back, and before any worker is started**: end this recovery, so that it does not go on, \`temporal workflow terminate --workflow-id ${workflowId} --reason 'finished by hand'\`. Until then nothing else recovers ${code(plan.system)}.`,
    ]),
  ].join('\n\n');
}

function body(standing: Standing): string[] {
  const back = standing.goingBack !== null;
  return [
    ...standing.gates.map((gate) => gateSection(standing, gate)),
    progress(standing),
    ...(back ? [] : [remaining(standing)]),
    backSection(standing),
  ];
}

function gateSection({ approvers }: Standing, gate: OpenGate): string {
  const people = gate.requiredRoles.map((role) => {
    const who = approvers.filter(({ roles }) => roles.includes(role)).map(({ identity }) => identity);
    const given = gate.given.find((voice) => voice.role === role);
    return `${code(role)}: ${given === undefined ? `wanted; ${who.join(', ') || 'nobody has this role'}` : `given by ${given.identity}`}`;
  });
  return [
    `## A decision is open: ${code(gate.name)}`,
    `${gate.question} Open since ${gate.openedAt}, until ${gate.expiresAt}. **Without it, do not go on by hand either**: get it by telephone and write it down.`,
    bullets(people),
  ].join('\n\n');
}

function progress({ phases }: Standing): string {
  const rows = phases.map(({ name, state, actualSeconds, startedAt, detail }) => [
    code(name),
    state === 'paused' || state === 'running' ? `**${state}**` : state,
    startedAt ?? '',
    actualSeconds === null ? '' : `${actualSeconds.toFixed(1)} s`,
    detail,
  ]);
  return ['## What has been done', table(['Phase', 'State', 'Started', 'Took', 'What came of it'], rows)].join('\n\n');
}

function remaining(standing: Standing): string {
  const open = dependencyOrder(standing.planned).filter(({ name }) => OPEN.includes(stateOf(standing, name)));
  const sections = open.map((phase, index) => phaseSection(standing, phase, index + 1));
  return [
    '## What remains, in this order',
    open.length === 0
      ? 'Nothing: every phase has ended.'
      : 'A step may begin when those that it comes after have ended; steps that do not need each other can be done at the same time by different people.',
    ...sections,
  ].join('\n\n');
}

const stateOf = ({ phases }: Standing, name: string) => phases.find((phase) => phase.name === name)?.state ?? 'waiting';

function phaseSection(standing: Standing, phase: Phase, number: number): string {
  const { name, title, needs, pointOfNoReturn, action } = phase;
  const after = needs.map((need) => `${code(need)} (${stateOf(standing, need)})`);
  const intro = [
    standingOf(standing, name),
    ...(pointOfNoReturn
      ? [
          '**Point of no return**: from here on, rollback is a failback and discards writes made since, unless the old primary has become a standby of the new one.',
        ]
      : []),
    ...(after.length > 0 ? [`After ${listed(after)}.`] : []),
    actionOf(action)
      .steps.map(({ does }) => does)
      .join(' '),
  ];
  return [
    `### ${number}. ${code(name)}${title === undefined ? '' : `: ${title}`}`,
    intro.join(' '),
    ...instructionsFor(standing, phase).map(instruction),
  ].join('\n\n');
}

function standingOf({ phases }: Standing, name: string): string {
  const phase = phases.find((one) => one.name === name);
  if (phase?.state === 'running') {
    return `**Was running** since ${phase.startedAt}, attempt ${phase.attempts}: it may be done, half done, or not begun.`;
  }
  if (phase?.state === 'paused') return `**Was paused** after ${phase.attempts} attempt(s): ${phase.detail}.`;
  return 'Not begun.';
}

function instruction({ say, run }: Instruction): string {
  return run === undefined ? say : `${say}\n\n\`\`\`sh\n${run}\n\`\`\``;
}

/** As a rollback does it: newest first, but databases before all else once one is promoted. */
function backSection(standing: Standing): string {
  const { goingBack, recorded, pointOfNoReturnPassed, plan } = standing;
  const newestFirst = [...recorded].reverse().filter(({ key }) => !isPutBack(standing, key));
  const databases = newestFirst.filter(({ component }) => plan.components[component]?.kind === 'database');
  const left = pointOfNoReturnPassed ? [...new Set([...databases, ...newestFirst])] : newestFirst;
  const why =
    goingBack === null
      ? 'Only when those who may approve say so, and not half of it: from top to bottom. This is what was there before it was changed.'
      : `**The recovery was going back: ${goingBack}.** The phases forward are not done any more. From top to bottom:`;
  return [
    goingBack === null ? '## How to go back instead' : '## What remains of going back',
    left.length === 0 ? 'Nothing is recorded that would have to be put back.' : why,
    ...left.map((one, index) => backStep(standing, one, index + 1)),
  ].join('\n\n');
}

const isPutBack = ({ phases }: Standing, key: string) =>
  phases.some(({ name, state }) => name === `rollback-${key}` && (state === 'done' || state === 'skipped'));

function backStep(standing: Standing, recorded: Recorded, number: number): string {
  return [
    `### Back ${number}. ${code(recorded.key)}`,
    `Before: ${recorded.detail}.`,
    ...instructionsBack(standing, recorded).map(instruction),
  ].join('\n\n');
}
