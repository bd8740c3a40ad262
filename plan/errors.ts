/**
 * The refusals and faults that are told apart by name: `ApplicationFailure` types in workflows, codes in the CLI.
 * `docs/errors.md` explains each, and a test holds the two together.
 */
export const ERRORS = {
  WiringInvalid: 'A component is wired to something that does not exist or does not fit.',
  SecretMissing: 'A secret that the plan names is not where the worker looks for secrets.',
  StandbyMissing: 'The database in the standby region is not a standby and not promoted by this recovery.',
  StandbyNotPromotable:
    'The standby could not become a primary: its settings are too low or refuse writes, or its replay is paused.',
  StandbyTooFarBehind: 'The standby would lose more than the plan allows.',
  WrongTimeline: 'The standby does not follow the timeline of the primary.',
  FenceUnproved: 'The old primary could not be proved unable to take writes.',
  LeaseLost: 'Another recovery has taken the lease since: this step may no longer change the database.',
  AlreadyServing: 'The region that should take over serves already.',
  RegionHealthy: 'The region that should have failed is reachable.',
  DataCorrupted: 'Integrity checks of the data fail, and what is corrupt is corrupt on the standby too.',
  TwoPrimaries: 'The databases of both regions take writes.',
  FactsUnknown: 'What must be known before acting could not be found out.',
  PlanUnknown: 'The workers do not hold the version of the plan that the start names.',
  Contested: 'Another writer keeps undoing what a step does.',
  NotReached: 'The effect was asked for and not seen within the time allowed.',
} as const;

export type ErrorType = keyof typeof ERRORS;
