import { Command, InvalidArgumentError, Option } from 'commander';
import { authorityAt, localTime } from '../../plan/authority.ts';
import { missingRoles } from '../../plan/coverage.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../load-plan.ts';
import { checkSystem } from '../systems.ts';
import { print, printJson } from './output.ts';

interface AuthorityOptions {
  environment: string;
  at: Date;
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
    .option('--json', 'print JSON on stdout, and nothing else there')
    .action(whoCanApprove);
  return new Command('authority').description('who decides, and when').addCommand(who);
}

function moment(text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('expected a time such as 2026-06-10T15:00:00Z');
}

async function whoCanApprove(name: string, { environment, at, json }: AuthorityOptions): Promise<void> {
  const plan = await loadRecoveryPlan({ system: checkSystem(name), environment });
  const answer = answerAt(plan, at);
  if (json) return printJson(answer);
  const { day, time } = answer.local;
  print(
    `${answer.at}, ${day} ${time} in ${plan.authority.timeZone}: ${answer.businessHours ? '' : 'not '}business hours`,
  );
  for (const { role, holders } of answer.required) print(`  ${role}: ${holders.join(' or ') || 'nobody holds it'}`);
  if (answer.required.length > 1) print('  each by a different person');
  if (answer.notify) print(`  then ${answer.notify.roles.join(' and ')} are told within ${answer.notify.within}`);
  print(`  ${plan.authority.abort.join(' or ')} may abort`);
}

function answerAt({ system, environment, authority, approvers }: RecoveryPlan, at: Date) {
  const { requiredRoles, businessHours, notify } = authorityAt(authority, at);
  const holders = (role: string) => approvers.filter(({ roles }) => roles.includes(role)).map((each) => each.identity);
  return {
    system,
    environment,
    at: at.toISOString(),
    local: localTime(authority.timeZone, at),
    businessHours,
    required: requiredRoles.map((role) => ({ role, holders: holders(role) })),
    /** Roles that stay open however all approvers agree: nobody different is left for them. */
    uncovered: missingRoles(requiredRoles, approvers),
    notify,
    abort: authority.abort,
  };
}
