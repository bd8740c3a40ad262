import type { Plan } from '../schema.ts';
import { code, listed, table } from './markdown.ts';

/** What is promised: objectives, tiers, what each component may lose, and where data may be. */
export function promises(plan: Plan): string {
  return ['## Objectives', objectives(plan), '## Components', components(plan), ...residency(plan)].join('\n\n');
}

function objectives({ objectives: { recoveryTime, dataLoss, tiers } }: Plan): string {
  const rows = tiers.map((tier) => [
    tier.name,
    tier.recoveryTime,
    tier.dataLoss,
    tier.services.map(code).join(', ') || 'none yet',
  ]);
  const whole = [
    '**the system**',
    `**${recoveryTime}**`,
    `**${dataLoss}**`,
    'all: a recovery is measured against this',
  ];
  return table(['', 'Recovery time (RTO)', 'Data loss (RPO)', 'Services'], [whole, ...rows]);
}

function components({ components: all }: Plan): string {
  const rows = Object.entries(all).map(([name, { kind, provider, dataLoss, dependsOn, description }]) => [
    code(name),
    `${kind}, ${provider}`,
    dataLoss ?? '',
    dependsOn.map(code).join(', '),
    description ?? '',
  ]);
  return table(['Component', 'Kind, provider', 'May lose', 'Depends on', ''], rows);
}

function residency({ residency: rules, regions }: Plan): string[] {
  if (rules.length === 0) return [];
  const rows = rules.map(({ data, regions: allowed, basis }) => [data, listed(allowed, 'or'), basis ?? '']);
  return [
    '## Residency',
    `A failover serves everything from ${regions.standby}. That is allowed for every kind of data below.`,
    table(['Data of', 'May be in', 'Because of'], rows),
  ];
}
