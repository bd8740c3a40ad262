import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { serviceNamed, servicesOf, withNeeds } from '../../../lab/registry.ts';
import { SHAPES } from '../../../lab/shapes/index.ts';
import { addressesOf } from '../../../lab/shapes/shape.ts';
import { twoSites } from '../../../lab/shapes/two-sites.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'));

describe.each(SHAPES)('shape $name', (shape) => {
  const services = servicesOf(shape);
  const nodes = withNeeds(shape);

  test('every service is named after its site, once', () => {
    const names = nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const sites = shape.sites.map(({ name }) => name);
    for (const { name, place } of services) {
      expect(sites).toContain(place);
      expect(name.startsWith(`${place}/`)).toBe(true);
    }
  });

  test('every need exists, and no two need each other', () => {
    const depth = (name: string, above: string[]): void => {
      if (above.includes(name)) throw new Error(`needs go round: ${[...above, name].join(' → ')}`);
      const node = nodes.find((candidate) => candidate.name === name);
      if (!node) throw new Error(`${above.at(-1)} needs "${name}", which does not exist`);
      for (const need of node.needs) depth(need, [...above, name]);
    };
    for (const { name } of nodes) depth(name, []);
  });

  test('addresses, secrets and keys have each a name of their own', () => {
    const addresses = addressesOf(shape);
    for (const values of [
      addresses.map(({ name }) => name),
      addresses.map(({ host }) => `${host}`),
      addresses.map(({ variable }) => variable),
      shape.secrets,
      shape.keys.map(({ role }) => role),
    ]) {
      expect(new Set(values).size).toBe(values.length);
    }
  });

  test('services share a port name only when they are the same kind on different addresses', () => {
    const kinds = new Map<string, string>();
    const taken = new Set<string>();
    for (const [index, { place, address = place, host = address, ports }] of services.entries()) {
      const kind = shape.services[index]?.kind ?? '';
      for (const port of Object.keys(ports)) {
        expect(kinds.get(port) ?? kind).toBe(kind);
        kinds.set(port, kind);
        expect(taken).not.toContain(`${host} ${port}`);
        taken.add(`${host} ${port}`);
      }
    }
  });
});

test('nothing outside a region needs the standby region to start, but what looks at both', () => {
  const needed = withNeeds(twoSites, ['third-place/temporal', 'third-place/worker', 'third-place/gateway']).map(
    ({ name }) => name,
  );
  expect(needed.filter((name) => /^(us-east-1|eu-central-1)/.test(name))).toEqual([]);
});

test('asking for some services brings what they need and no more', () => {
  expect(withNeeds(twoSites, ['third-place/aws']).map(({ name }) => name)).toEqual(['third-place/aws']);
  const names = withNeeds(twoSites, ['us-east-1/clickhouse']).map(({ name }) => name);
  expect(names.sort()).toEqual(['third-place/zookeeper', 'us-east-1/clickhouse']);
});

test('an unknown name is answered with the known ones', () => {
  expect(() => serviceNamed(twoSites, 'us-east-1/postgre')).toThrow(
    /no service "us-east-1\/postgre".*us-east-1\/postgres/,
  );
});

test("the alert of the lab's Prometheus is the one that the plan waits for", () => {
  const [{ rules }] = parse(readFileSync(twoSites.alertRules, 'utf8')).groups;
  const plan = read(`runbooks/${twoSites.system}/plan.yaml`);
  const [rule] = rules;
  const labels = { alertname: rule.alert, ...rule.labels };
  const matched = plan.alerts.filter((alert: { labels: Record<string, string> }) =>
    Object.entries(alert.labels).every(([name, value]) => labels[name] === value),
  );
  expect(matched).toHaveLength(1);
  expect(rule.expr).toContain(`region="${plan.regions.primary}"`);
  expect(rule.for).toBe('2s');
});
