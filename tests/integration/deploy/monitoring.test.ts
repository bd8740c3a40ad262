import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';

const DEPLOY = join(import.meta.dirname, '..', '..', '..', 'deploy');
const DASHBOARDS = join(DEPLOY, 'grafana', 'dashboards');

interface Panel {
  title: string;
  description: string;
  datasource: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

interface Rules {
  groups: { rules: { alert: string; annotations: Record<string, string>; labels: Record<string, string> }[] }[];
}

const yaml = async <T>(...path: string[]): Promise<T> => parse(await readFile(join(DEPLOY, ...path), 'utf8'));
const files = await readdir(DASHBOARDS);
const dashboards: { file: string; panels: Panel[] }[] = await Promise.all(
  files.map(async (file) => ({ file, ...JSON.parse(await readFile(join(DASHBOARDS, file), 'utf8')) })),
);

async function promtool(rules: string): Promise<void> {
  await execa('promtool', ['check', 'rules', rules]);
}

test('Prometheus accepts the rules, and its configuration names them', async () => {
  await promtool(join(DEPLOY, 'prometheus', 'rules.yml'));
  const { rule_files } = await yaml<{ rule_files: string[] }>('prometheus', 'prometheus.yml');
  expect(rule_files).toEqual(['rules.yml']);
});

test('the rules alert when they should, and only then', async () => {
  await execa('promtool', ['test', 'rules', join(import.meta.dirname, '../../fixtures/alerts.yaml')]);
});

test('Prometheus refuses what is no expression', async () => {
  await expect(checkExpressions(['sum by (lifeboat_recoveries_total'])).rejects.toThrow(/parse/);
});

test.each(dashboards)('every expression of $file is one', async ({ panels }) => {
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(expressions.length).toBeGreaterThan(10);
  await checkExpressions(expressions);
});

test.each(dashboards)('the panels of $file say what they show and do not overlap', ({ panels }) => {
  const taken = new Set<string>();
  for (const { title, description, datasource, gridPos } of panels) {
    expect(title.length && description.length).toBeGreaterThan(0);
    expect(datasource.uid).toBe('prometheus');
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (const cell of cellsOf(gridPos)) {
      expect(taken).not.toContain(cell);
      taken.add(cell);
    }
  }
});

test('the data source that dashboards name is provisioned, and dashboards are found', async () => {
  const { datasources } = await yaml<{ datasources: { uid: string }[] }>(
    'grafana/provisioning/datasources/prometheus.yml',
  );
  expect(datasources.map(({ uid }) => uid)).toEqual(['prometheus']);
  const { providers } = await yaml<{ providers: { options: { path: string } }[] }>(
    'grafana/provisioning/dashboards/lifeboat.yml',
  );
  const compose = await readFile(join(DEPLOY, '..', 'docker-compose.yml'), 'utf8');
  expect(compose).toContain(`./deploy/grafana/dashboards:${providers[0]?.options.path}:ro`);
});

test('every alert says how bad it is and what it means', async () => {
  const { groups } = await yaml<Rules>('prometheus/rules.yml');
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { labels, annotations } of rules.filter(({ alert }) => alert)) {
    expect(labels['severity']).toMatch(/^(critical|warning)$/);
    expect(Object.keys(annotations)).toEqual(['summary', 'description']);
  }
});

async function checkExpressions(expressions: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-rules-'));
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr: filledIn(expr) }));
  try {
    await writeFile(join(folder, 'rules.yml'), stringify({ groups: [{ name: 'panels', rules }] }));
    await promtool(join(folder, 'rules.yml'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll('$system', '.*');
}

function cellsOf({ x, y, w, h }: Panel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
}
