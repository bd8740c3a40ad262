import { Command, InvalidArgumentError, Option } from 'commander';
import { authorityAt, localTime } from '../../plan/authority.ts';
import { missingRoles } from '../../plan/coverage.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { AuthorityScenario } from '../../plan/schema.ts';
import { loadRecoveryPlan } from '../load-plan.ts';
import { checkSystem } from '../systems.ts';
import { print, printJson } from './output.ts';

interface AuthorityOptions {
  environment: string;
  at: Date;
  scenario?: AuthorityScenario;
  json?: boolean;
}

/** `authority who-can-approve`: whom a gate would ask at a time. Needs no Temporal. */
export function authorityCommand(): Command {
  const who = new Command('who-can-approve')
    .description('whose approval a gate asks for, and who is told')
    .argument('<system>')
    .addOption(
      new Option('-e, --environment <name>', 'wiring to use').env('LIFEBOAT_ENVIRONMENT').makeOptionMandatory(),
    )
    .addOption(new Option('--at <time>', 'ISO 8601').argParser(moment).default(new Date(), 'now'))
    .addOption(new Option('-s, --scenario <name>', 'what is decided on').choices(AuthorityScenario.options))
    .option('--json', 'print JSON on stdout, and nothing else there')
    .action(whoCanApprove);
  return new Command('authority').description('who decides, and when').addCommand(who);
}

function moment(text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('expected a time such as 2026-06-10T15:00:00Z');
}

async function whoCanApprove(name: string, { environment, at, scenario, json }: AuthorityOptions): Promise<void> {
  const plan = await loadRecoveryPlan({ system: checkSystem(name), environment });
  const answer = answerAt(plan, scenario ?? null, at);
  if (json) return printJson(answer);
  const { day, time } = answer.local;
  print(
    `${answer.at}, ${day} ${time} in ${plan.authority.timeZone}: ${answer.businessHours ? '' : 'not '}business hours`,
  );
  if (!answer.needed) print('  no approval is needed to start this drill; for what is asked later:');
  for (const { role, holders } of answer.required) print(`  ${role}: ${holders.join(' or ') || 'nobody holds it'}`);
  if (answer.required.length > 1) print('  each by a different person');
  if (answer.notify) print(`  then ${answer.notify.roles.join(' and ')} are told within ${answer.notify.within}`);
  print(`  ${plan.authority.abort.join(' or ')} may abort`);
}

function answerAt(plan: RecoveryPlan, scenario: AuthorityScenario | null, at: Date) {
  const { system, environment, authority, approvers } = plan;
  const verdict = authorityAt(plan, scenario, at);
  const { requiredRoles, businessHours, waived } = verdict;
  const holders = (role: string) => approvers.filter(({ roles }) => roles.includes(role)).map((each) => each.identity);
  return {
    system,
    environment,
    at: at.toISOString(),
    local: localTime(authority.timeZone, at),
    businessHours,
    /** Null is what belongs to no scenario, such as an acknowledgement. */
    scenario,
    /** Is approval needed before anything is changed? */
    needed: waived === null,
    required: requiredRoles.map((role) => ({ role, holders: holders(role) })),
    /** Roles that stay open however all approvers agree: nobody different is left for them. */
    uncovered: missingRoles(requiredRoles, approvers),
    notify: (waived ?? verdict).notify ?? null,
    abort: authority.abort,
  };
}
