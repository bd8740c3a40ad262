import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES, serviceNamed, withNeeds } from '../../../lab/registry.ts';
import { TASKS } from '../../../lab/tasks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'));
const NODES = [...SERVICES, ...TASKS];

test('every service is named after its place and kind, once', () => {
  const names = NODES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, place } of SERVICES) expect(name.startsWith(`${place}/`)).toBe(true);
});

test('every need exists, and no two need each other', () => {
  const depth = (name: string, above: string[]): void => {
    if (above.includes(name)) throw new Error(`needs go round: ${[...above, name].join(' → ')}`);
    const node = NODES.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`${above.at(-1)} needs "${name}", which does not exist`);
    for (const need of node.needs) depth(need, [...above, name]);
  };
  for (const { name } of NODES) depth(name, []);
});

test('nothing outside a region needs the standby region to start, but what looks at both', () => {
  const needed = withNeeds(['third-place/temporal', 'third-place/worker', 'third-place/gateway']).map(
    ({ name }) => name,
  );
  expect(needed.filter((name) => /^(us-east-1|eu-central-1)/.test(name))).toEqual([]);
});

test('two services share a port name only when they are the same kind in two regions', () => {
  const users = new Map<string, string>();
  for (const { name, place, ports } of SERVICES) {
    for (const port of Object.keys(ports)) {
      const kind = name.slice(place.length + 1);
      expect(users.get(port) ?? kind).toBe(kind);
      users.set(port, kind);
    }
  }
});

test('asking for some services brings what they need and no more', () => {
  expect(withNeeds(['third-place/aws']).map(({ name }) => name)).toEqual(['third-place/aws']);
  const names = withNeeds(['us-east-1/clickhouse']).map(({ name }) => name);
  expect(names.sort()).toEqual(['third-place/zookeeper', 'us-east-1/clickhouse']);
});

test('an unknown name is answered with the known ones', () => {
  expect(() => serviceNamed('us-east-1/postgre')).toThrow(/no service "us-east-1\/postgre".*us-east-1\/postgres/);
});

test("the alert of the lab's Prometheus is the one that the plan waits for", () => {
  const [{ rules }] = read('lab/services/prometheus-rules.yaml').groups;
  const plan = read('runbooks/teei-csr/plan.yaml');
  const [rule] = rules;
  const labels = { alertname: rule.alert, ...rule.labels };
  const matched = plan.alerts.filter((alert: { labels: Record<string, string> }) =>
    Object.entries(alert.labels).every(([name, value]) => labels[name] === value),
  );
  expect(matched).toHaveLength(1);
  expect(rule.expr).toContain(`region="${plan.regions.primary}"`);
  expect(rule.for).toBe('2s');
});
