import { seconds } from '../duration.ts';
import { type Finding, type Findings, finding, repeated } from '../finding.ts';
import type { Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** Regions, services, tiers, residency and alerts: what a plan promises as a whole. */
export function* checkPolicy(plan: Plan): Findings {
  yield* checkRegions(plan);
  yield* checkServices(plan);
  yield* checkTiers(plan);
  yield* checkAlerts(plan);
  yield* checkRetention(plan.evidence.retention);
}

/** A month in minutes is quickly written: "13m". */
const SHORTEST_RETENTION = '30d';

function* checkRetention(retention: string): Findings {
  if (seconds(retention) >= seconds(SHORTEST_RETENTION)) return;
  const message = `reports would be deleted after ${retention}`;
  yield finding(['evidence', 'retention'], message, `expected at least ${SHORTEST_RETENTION}, such as "400d"`);
}

function* checkRegions({ regions, residency }: Plan): Findings {
  if (regions.primary === regions.standby) {
    const hint = 'name the region that takes over when the primary is lost';
    yield finding(['regions', 'standby'], 'is the primary region itself', hint);
  }
  for (const [index, { data, regions: allowed }] of residency.entries()) {
    if (allowed.includes(regions.standby)) continue;
    yield finding(
      ['residency', index, 'regions'],
      `a failover would serve data of ${data} from ${regions.standby}, where it may not be`,
      `choose a standby region among ${allowed.join(', ')}, or keep this data out of the system`,
    );
  }
}

function* checkServices({ services }: Plan): Findings {
  for (const { index, key } of repeated(services, ({ name }) => name)) {
    yield finding(['services', index, 'name'], `there is a service "${key}" already`, 'give each service its own name');
  }
}

function* checkTiers({ objectives, services }: Plan): Findings {
  const known = services.map(({ name }) => name);
  const placed = new Set<string>();
  for (const [index, tier] of objectives.tiers.entries()) {
    const path = ['objectives', 'tiers', index];
    for (const [at, service] of tier.services.entries()) {
      yield* checkTierService([...path, 'services', at], service, known, placed);
    }
    for (const key of ['recoveryTime', 'dataLoss'] as const) {
      if (seconds(tier[key]) >= seconds(objectives[key])) continue;
      yield finding(
        [...path, key],
        `${tier.name} promises ${tier[key]}, less than the plan's own objective of ${objectives[key]}`,
        "tighten the plan's objective: a recovery is measured against that one",
      );
    }
  }
}

function* checkTierService(path: Finding['path'], service: string, known: string[], placed: Set<string>): Findings {
  if (!known.includes(service)) yield finding(path, `there is no service "${service}"`, suggestion(service, known));
  if (placed.has(service)) yield finding(path, `service "${service}" is in a tier already`, 'keep it in one tier');
  placed.add(service);
}

function* checkAlerts({ alerts, scenarios }: Plan): Findings {
  const planned = Object.keys(scenarios);
  if (planned.length === 0) yield finding(['scenarios'], 'expected at least one scenario', 'add one');
  for (const [index, { scenario }] of alerts.entries()) {
    if (scenario === undefined || planned.includes(scenario)) continue;
    const message = `the plan has no scenario "${scenario}"`;
    yield finding(['alerts', index, 'scenario'], message, suggestion(scenario, planned));
  }
}
