import { componentsOf, type RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Check } from '../../plan/report.ts';
import type { VerifyResult, WatchRequest } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { check, unknown } from './check.ts';
import { customerErrors } from './customer-errors.ts';
import { checkDatabase } from './database.ts';
import { leadsTo, movedNamesLeadTo } from './dns.ts';
import { askByName, askDirectly } from './service.ts';

/**
 * One round of all checks, at the same time. A failing check is an answer, never an error.
 *
 * @param watchedMs as `customerErrors` takes it
 */
export async function verifyRound(
  deps: Deps,
  { plan, to, rollback }: Pick<WatchRequest, 'plan' | 'to' | 'rollback'>,
  watchedMs: number,
): Promise<VerifyResult> {
  const [names, databases, errors] = await Promise.all([
    checkNames(plan, to),
    checkDatabases(deps, plan, to),
    customerErrors(plan, watchedMs, rollback.customerErrors),
  ]);
  const { dns, others, services } = names;
  const criticalFailing = plan.services
    .filter(({ name, critical }) => critical && services.some((one) => one.service === name && isFailed(one.check)))
    .map(({ name }) => name);
  const customers = await check('customer-errors', async () => errors.finding);
  const green = [dns, ...others, ...databases.filter(({ name }) => name.endsWith(WRITABLE))];
  return {
    healthy: criticalFailing.length === 0 && green.every(({ outcome }) => outcome === 'passed'),
    criticalFailing,
    customerErrorsPercent: errors.percent,
    checks: [dns, ...others, ...services.map((one) => one.check), ...databases, customers],
  };
}

const WRITABLE = '-writable';
const isFailed = ({ outcome }: Check) => outcome === 'failed';

interface ServiceCheck {
  service: string;
  check: Check;
}

interface NameChecks {
  /** The name that clients use for the service. */
  dns: Check;
  /** Every other name that is moved. */
  others: Check[];
  services: ServiceCheck[];
}

/** Every service past DNS at the same time as the names are resolved, and then as clients reach it. */
async function checkNames(plan: RecoveryPlan, to: string): Promise<NameChecks> {
  const others = checkOtherNames(plan, to);
  const direct = plan.services.map(async ({ name, path }) => ({
    service: name,
    check: await check(`${name}-in-${to}`, () => askDirectly(plan, to, path)),
  }));
  let address: string | null = null;
  const dns = await check(
    'dns',
    async () => {
      const leads = await leadsTo(plan, to);
      address = leads.address;
      return leads.finding;
    },
    unknown,
  );
  const byName = plan.services.map(async ({ name, path }) => ({
    service: name,
    check: await check(`${name}-by-name`, async () =>
      address === null ? unknown('the name does not lead there') : askByName(plan, address, path),
    ),
  }));
  return { dns, others: await others, services: await Promise.all([...direct, ...byName]) };
}

async function checkOtherNames(plan: RecoveryPlan, to: string): Promise<Check[]> {
  const found = await movedNamesLeadTo(plan, to);
  return await Promise.all(found.map(({ name, finding }) => check(`dns-${name}`, async () => finding, unknown)));
}

async function checkDatabases(deps: Deps, plan: RecoveryPlan, to: string): Promise<Check[]> {
  const databases = componentsOf(plan, 'database');
  const checks = databases.map(async (component) => {
    const { writable, fresh } = await checkDatabase(deps, plan, component, to);
    return [
      await check(`${component.name}${WRITABLE}`, async () => writable),
      await check(`${component.name}-fresh`, async () => fresh),
    ];
  });
  return (await Promise.all(checks)).flat();
}
