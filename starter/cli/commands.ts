import type { Command } from 'commander';

/** A command as the help of the whole shows it; its module is loaded when it is used. */
export interface Entry {
  name: string;
  arguments?: string;
  description: string;
  load(): Promise<Command>;
}

const decision = async (verb: string): Promise<Command> =>
  named(verb, (await import('./decisions.ts')).decisionCommands());

const incidentDecision = async (verb: string): Promise<Command> =>
  named(verb, (await import('./incident-decisions.ts')).incidentDecisionCommands());

function named(verb: string, commands: Command[]): Command {
  const found = commands.find((command) => command.name() === verb);
  if (found === undefined) throw new Error(`no command ${verb}`);
  return found;
}

export const COMMANDS: readonly Entry[] = [
  {
    name: 'start',
    arguments: '<system>',
    description: 'start a recovery by hand; it asks for approval like any other',
    load: async () => (await import('./start.ts')).startCommand(),
  },
  {
    name: 'status',
    arguments: '[system]',
    description: 'where a recovery stands, who must decide, and what to type next',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  {
    name: 'approve',
    arguments: '<system>',
    description: 'approve what a gate asks, having seen its facts (signed)',
    load: () => decision('approve'),
  },
  {
    name: 'reject',
    arguments: '<system>',
    description: 'reject what a gate asks; the recovery ends as refused (signed)',
    load: () => decision('reject'),
  },
  {
    name: 'retry',
    arguments: '<system>',
    description: 'try a paused phase again, or verify again at the gate of a rollback (signed)',
    load: () => decision('retry'),
  },
  {
    name: 'skip',
    arguments: '<system>',
    description: 'go on without a paused phase (signed)',
    load: () => decision('skip'),
  },
  {
    name: 'rollback',
    arguments: '<system>',
    description: 'undo what was done, in reverse (signed)',
    load: () => decision('rollback'),
  },
  {
    name: 'abort',
    arguments: '<system>',
    description: 'stop the recovery (signed)',
    load: () => decision('abort'),
  },
  {
    name: 'report',
    arguments: '<system>',
    description: 'the report of a recovery that has ended',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  {
    name: 'runbook',
    arguments: '<system>',
    description: 'what remains to be done by hand, when Temporal is gone; reads object storage alone',
    load: async () => (await import('./runbook.ts')).runbookCommand(),
  },
  {
    name: 'incidents',
    description: 'the open incidents of all systems',
    load: async () => (await import('./incidents.ts')).incidentsCommand(),
  },
  {
    name: 'incident',
    description: 'one open incident',
    load: async () => (await import('./incidents.ts')).incidentCommand(),
  },
  {
    name: 'acknowledge',
    arguments: '<system>',
    description: 'acknowledge the last recovery and re-enable automatic recoveries (signed)',
    load: () => incidentDecision('acknowledge'),
  },
  {
    name: 'override',
    arguments: '<system>',
    description: 'start a scenario whatever the decision matrix says; it still asks for approval (signed)',
    load: () => incidentDecision('override'),
  },
  {
    name: 'alert',
    description: 'test alerts',
    load: async () => (await import('./alert.ts')).alertCommand(),
  },
  {
    name: 'authority',
    description: 'who decides, and when',
    load: async () => (await import('./authority.ts')).authorityCommand(),
  },
  {
    name: 'plan',
    description: 'validate plans, show what they would do, and write their runbooks',
    load: async () => (await import('./plan.ts')).planCommand(),
  },
];
