import { z } from 'zod';
import { Channel } from './channels.ts';
import { Communication } from './communication.ts';
import { Duration } from './duration.ts';
import { Name } from './names.ts';

/**
 * The language of plans: what `plan.yaml` and `environments/*.yaml` may say. Durations are strings with a unit
 * (`5m`), percentages are numbers from 0 to 100, names are lower-case and joined by hyphens.
 */

const Region = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected a region such as "eu-central-1"' });
const Percent = z.number().min(0).max(100);

/** The kinds of component, each a folder of providers under `activities/`. */
export const ComponentKind = z.enum([
  'database',
  'analytics',
  'stream',
  'workloads',
  'load-balancer',
  'dns',
  'cache',
  'cdn',
]);
export type ComponentKind = z.infer<typeof ComponentKind>;

/** Kinds of which one component serves all regions. */
export const SHARED_KINDS: readonly ComponentKind[] = ['dns', 'cdn'];

export const ScenarioName = z.enum(['region-failover', 'switchover', 'failback']);
export type ScenarioName = z.infer<typeof ScenarioName>;

export const Role = Name;

const Objectives = z.strictObject({
  /** RTO: from detection to service verified in the other region. */
  recoveryTime: Duration,
  /** RPO: the newest acknowledged write that may be missing afterwards, as an age. */
  dataLoss: Duration,
});

/** A tier may be named before its first service exists. */
const Tier = Objectives.extend({ name: Name, services: z.array(Name) });

/** Where a kind of data may be kept. A failover takes everything to the standby region, so that must be among them. */
const Residency = z.strictObject({
  data: z.string(),
  regions: z.array(Region).min(1),
  /** The law or contract that says so. */
  basis: z.string().optional(),
});
export type Residency = z.infer<typeof Residency>;

const Component = z.strictObject({
  kind: ComponentKind,
  provider: Name,
  description: z.string().optional(),
  /** The component's own limit of data loss, where the plan names one. */
  dataLoss: Duration.optional(),
  dependsOn: z.array(Name).default([]),
  /** Databases: a promotion may end sessions on the standby that hold it up; otherwise the approver is asked to. */
  endBlockingSessions: z.boolean().optional(),
});
export type Component = z.infer<typeof Component>;

/** Something that verification asks, in the standby region, whether it works. */
const Service = z.strictObject({
  name: Name,
  path: z.string().startsWith('/'),
  critical: z.boolean().default(true),
});

/** One of those in `plan/actions/`; a plan is checked for it, and its JSON Schema names them. */
export const ActionName = z.string();

const Phase = z.strictObject({
  name: Name,
  title: z.string().optional(),
  action: ActionName,
  /** Every component that the action is done to, at the same time. */
  components: z.array(Name).default([]),
  /** How long the phase should take; a gate has none, since human time is counted apart. */
  budget: Duration.optional(),
  /** Phases that must have ended well, or have been skipped, before this one starts. */
  needs: z.array(Name).default([]),
  /** After this phase a rollback would lose data: it becomes a failback and needs an approval of its own. */
  pointOfNoReturn: z.boolean().default(false),
});
export type Phase = z.infer<typeof Phase>;

const Gate = z.strictObject({
  /** How long the gate waits before the recovery ends as refused. */
  expires: Duration,
  /** Facts that move further than this while people decide make the gate ask again. */
  drift: z.strictObject({ dataLoss: Duration }),
});

/** When a failover undoes itself. Absent criteria are not evaluated. */
const RollbackCriteria = z.strictObject({
  /** For how long failing services or requests must last, without a break, before they roll back. */
  for: Duration.default('10s'),
  /** More critical services than this fail after the cutover. */
  criticalServicesFailing: z.number().int().min(0).optional(),
  /** The recovery takes longer than this, human time not counted. */
  recoveryTime: Duration.optional(),
  /** More than this share of client requests fails. */
  customerErrors: Percent.optional(),
  /** Somebody with the right to abort says so. */
  executiveAbort: z.boolean().default(false),
});
export type RollbackCriteria = z.infer<typeof RollbackCriteria>;

export const Scenario = z.strictObject({
  title: z.string(),
  /** What this scenario is held to instead of the plan's objectives, where it differs: a planned move loses nothing. */
  objectives: Objectives.partial().optional(),
  gate: Gate,
  /** The database may be this far behind and still be promoted; further behind, the failover refuses. */
  refuseDataLossOver: Duration,
  phases: z.array(Phase).min(1),
  /** How long all checks must stay green before the recovery counts as done. */
  watch: Duration,
  rollback: RollbackCriteria,
});
export type Scenario = z.infer<typeof Scenario>;

/** What a plan says of one phase of the library: no more than this, since all else is what the scenario is. */
const PhaseOverride = z.strictObject({
  title: z.string().optional(),
  budget: Duration.optional(),
  components: z.array(Name).min(1).optional(),
  needs: z.array(Name).optional(),
});

/** A scenario of the library with what is this system's own: the rest is as the library has it. */
export const ExtendedScenario = Scenario.omit({ phases: true })
  .partial()
  .extend({
    /** A file in `runbooks/scenarios/`. */
    extends: Name,
    /** Phases that this system does without. Those for whose kinds it has no component are left out anyway. */
    leaveOut: z.array(Name).default([]),
    /** By the phase's name, what is said in place of the library's. */
    phases: z.record(Name, PhaseOverride).default({}),
  });
export type ExtendedScenario = z.infer<typeof ExtendedScenario>;

/** What authority tells apart: every scenario, and what people do by hand when the matrix calls for it. */
export const AuthorityScenario = z.enum([
  ...ScenarioName.options,
  'component-failover',
  'database-failover',
  'restore',
]);
export type AuthorityScenario = z.infer<typeof AuthorityScenario>;

export const Mode = z.enum(['live', 'drill']);
export type Mode = z.infer<typeof Mode>;

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as "09:00"' });

const Authority = z.strictObject({
  timeZone: z.string(),
  businessHours: z.strictObject({
    days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
    from: Clock,
    to: Clock,
    holidays: z.array(z.iso.date()).default([]),
  }),
  /** First match wins. */
  rules: z
    .array(
      z.strictObject({
        when: z.enum(['business-hours', 'other-hours', 'always']),
        /** What it is for; everything when absent. */
        scenarios: z.array(AuthorityScenario).min(1).optional(),
        /** Drills or live systems; both when absent. */
        mode: Mode.optional(),
        /** Each must be held by a different person. Nobody, in drills only: the recovery then starts without approval. */
        require: z.array(Role),
        notify: z.strictObject({ roles: z.array(Role).min(1), within: Duration }).optional(),
      }),
    )
    .min(1),
  /** Roles that may abort a recovery at any time. */
  abort: z.array(Role).min(1),
  /** Who is brought in when half of the recovery-time objective is gone, and one by one while a gate is unanswered. */
  escalate: z.array(Role).min(1),
  /** How long each of them has before the next is brought in. */
  escalateEvery: Duration.default('5m'),
});
export type Authority = z.infer<typeof Authority>;

/** An alert with all of these labels, in state firing, opens an incident: what is done about it, facts decide. */
const AlertRule = z.strictObject({
  labels: z.record(z.string(), z.string()).refine((labels) => Object.keys(labels).length > 0, {
    error: 'expected at least one label to match',
  }),
  /** The scenario that such an alert usually ends in, for the runbook. */
  scenario: ScenarioName.optional(),
});

/** What can be seen of a system that calls for a decision; `plan/decide/conditions.ts` says what each means in facts. */
export const Condition = z.enum([
  'data-corrupted',
  'maintenance',
  'replication-lag',
  'database-failing',
  'region-unreachable',
  'vantages-disagree',
  'component-failing',
  'part-failing',
  'service-failing',
  'customer-errors',
  'backup-age',
]);
export type Condition = z.infer<typeof Condition>;

/** What the decision matrix can come to. */
export const DecisionAction = z.enum([
  'none',
  'wait',
  'self-heal',
  'component-failover',
  'region-failover',
  'database-failover',
  'restore',
  'switchover',
  'ask-human',
]);
export type DecisionAction = z.infer<typeof DecisionAction>;

const DecisionRule = z.strictObject({
  name: Name,
  when: Condition,
  /** For how long it must have been so, without a break, before the action is due. */
  for: Duration.default('0s'),
  /** The lag of the standby or the age of the newest backup above which the condition holds. */
  over: Duration.optional(),
  /** The share of failing client requests above which the condition holds. */
  overPercent: Percent.optional(),
  /** Which components it looks at; every component when empty. */
  components: z.array(Name).default([]),
  action: DecisionAction,
  /** How long to wait, or to let the system heal itself, before people are asked. */
  atMost: Duration.optional(),
  /** May the action start without approval, where the environment says so too? */
  withoutApproval: z.boolean().default(false),
});
export type DecisionRule = z.infer<typeof DecisionRule>;

/** The decision matrix: what facts call for. The first rule whose condition holds decides. */
const Decisions = z.strictObject({
  /** How often to look while an alert fires and something may have to be done. */
  lookEvery: Duration.default('15s'),
  /** People are asked when for this long it cannot be told whether the region serves. */
  unknownFor: Duration.default('5m'),
  /** A region that comes and goes this often is left to people. */
  flapping: z
    .strictObject({ changes: z.number().int().min(2), within: Duration })
    .default({ changes: 4, within: '10m' }),
  /** For this long after a recovery nothing starts by itself, unless somebody acknowledges. */
  blockFor: Duration.default('1h'),
  rules: z.array(DecisionRule).default([]),
});
export type Decisions = z.infer<typeof Decisions>;

export const Plan = z.strictObject({
  version: z.literal(1),
  system: Name,
  title: z.string(),
  owner: z.string(),
  regions: z.strictObject({ primary: Region, standby: Region }),
  objectives: Objectives.extend({ tiers: z.array(Tier).default([]) }),
  residency: z.array(Residency).default([]),
  components: z.record(Name, Component),
  services: z.array(Service).min(1),
  alerts: z.array(AlertRule).default([]),
  scenarios: z.partialRecord(ScenarioName, Scenario),
  authority: Authority,
  decisions: Decisions.default(Decisions.parse({})),
  communication: Communication.default(Communication.parse({})),
  /** How long reports are kept; older ones are deleted from the evidence store. */
  evidence: z.strictObject({ retention: Duration }),
});
export type Plan = z.infer<typeof Plan>;

/** A plan as it is written: its scenarios are its own, or extend the library's. */
export const WrittenPlan = Plan.extend({
  scenarios: z.partialRecord(ScenarioName, z.union([ExtendedScenario, Scenario])),
});

const Approver = z.strictObject({
  /** Who this is, the same in every key: `sre-on-call@example.com`. People are counted by it. */
  identity: z
    .string()
    .regex(/^[^\s,*?!"]+$/, { error: 'expected an identity without spaces, commas, quotes or patterns' }),
  roles: z.array(Role).min(1),
  keys: z.array(z.string().regex(/^(ssh-|ecdsa-|sk-)\S+ \S+/, { error: 'expected an SSH public key' })).min(1),
});
export type Approver = z.infer<typeof Approver>;

/** How clients reach the system; verification walks the same way. */
const ServiceEndpoint = z.strictObject({
  /** The DNS name clients use. */
  host: z.string(),
  port: z.coerce.number().int().min(1).max(65535),
  scheme: z.enum(['http', 'https']).default('https'),
  /** `host:port` of the DNS servers that verification asks; the system's own when absent. */
  resolvers: z.array(z.string()).default([]),
  /** Where each region's own instance is reached, past DNS. */
  regions: z.record(Region, z.url()),
  /** A Prometheus whose `errorRate` query answers the share of failing client requests, 0 to 1. */
  prometheus: z
    .strictObject({
      url: z.url(),
      errorRate: z.string(),
      /** Answers the age of the newest good backup, in seconds. */
      backupAge: z.string().optional(),
      /** Answers how many integrity checks of the data fail: anything above 0 is corruption. */
      corruption: z.string().optional(),
    })
    .optional(),
  /** Drills only: a load generator's count of acknowledged writes, compared with the database. */
  ledger: z.strictObject({ url: z.url() }).optional(),
});

/** Work that is announced: until it ends, the region is not to be relied on. */
const Maintenance = z.strictObject({
  region: Region,
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
  reason: z.string(),
});

/** What an environment changes of one decision rule. */
const RuleOverride = DecisionRule.pick({ over: true, atMost: true }).extend({ for: Duration.optional() });

export const Environment = z.strictObject({
  version: z.literal(1),
  system: Name,
  environment: Name,
  mode: Mode,
  /** Name of the workers in its regions, where it is not the system's: systems of one name share them and their secrets. */
  regionWorkers: Name.optional(),
  service: ServiceEndpoint,
  approvers: z.array(Approver).min(1),
  notifications: z.array(Channel).default([]),
  /** Object storage outside the regions that are recovered. */
  evidence: z.strictObject({ bucket: z.string(), region: Region, endpoint: z.url().optional(), prefix: z.string() }),
  /** By component name: the wiring that the component's provider asks for (see `plan/wiring/`). */
  components: z.record(Name, z.unknown()),
  maintenance: z.array(Maintenance).default([]),
  /** Decision rules whose action may start without approval here; the plan must allow it as well. */
  startWithoutApproval: z.array(Name).default([]),
  /** What this environment sees differently from the plan. */
  overrides: z
    .strictObject({
      objectives: Objectives.optional(),
      watch: Duration.optional(),
      gateExpires: Duration.optional(),
      authority: Authority.optional(),
      /** In place of the plan's, as a whole: other people are told of a drill. */
      communication: Communication.optional(),
      decisions: z
        .strictObject({
          lookEvery: Duration.optional(),
          unknownFor: Duration.optional(),
          blockFor: Duration.optional(),
          /** By the name of the rule. */
          rules: z.record(Name, RuleOverride).default({}),
        })
        .optional(),
    })
    .default({}),
});
export type Environment = z.infer<typeof Environment>;
