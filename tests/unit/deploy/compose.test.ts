import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface Service {
  image: string;
  build?: { dockerfile?: string; target?: string };
  profiles?: string[];
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
  network_mode?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
}

const read = (file: string) => readFile(join(ROOT, file), 'utf8');
const compose: Compose = parse(await read('docker-compose.yml'), { merge: true });
const services = Object.entries(compose.services);
const dockerfiles = ['Dockerfile', 'deploy/lab.Dockerfile'];

/** Runs to its end and is waited for, so that it has no health. */
const once = (name: string) =>
  services.some(([, { depends_on }]) => depends_on?.[name]?.condition === 'service_completed_successfully');

describe('docker-compose.yml', () => {
  test('has all that production needs, and the lab only when asked for', () => {
    const names = services.filter(([, { profiles }]) => !profiles).map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['temporal', 'temporal-database', 'temporal-ui', 'worker', 'gateway', 'prometheus', 'grafana'],
      ]),
    );
    expect(names).not.toContain('lab');
    expect(compose.services['lab']?.profiles).toEqual(['lab']);
  });

  test.each(services)('%s has an image of one version', (_name, { image }) => {
    expect(image).toMatch(/^[a-z0-9/-]+:v?\d+\.\d+/);
  });

  test.each(services)('%s publishes on loopback only', (_name, { ports = [], network_mode }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    if (network_mode) expect(ports).toEqual([]);
  });

  test.each(services.filter(([name]) => !once(name)))('%s says whether it is healthy', (_name, { healthcheck }) => {
    expect(healthcheck?.test.length).toBeGreaterThan(1);
  });

  test.each(services)('%s mounts what the repository has', (_name, { volumes = [] }) => {
    for (const volume of volumes) {
      const [source = ''] = volume.split(':');
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
      else if (!source.startsWith('./deploy/secrets')) expect(existsSync(join(ROOT, source))).toBe(true);
    }
  });

  test.each(services)('%s starts files that are there', (_name, { entrypoint = [], command = [], healthcheck }) => {
    const files = [...entrypoint, ...command, ...(healthcheck?.test ?? [])];
    const scripts = files.filter((word) => /\.(ts|sh)$/.test(word));
    for (const script of scripts) {
      expect(existsSync(join(ROOT, script.replace(/^\/deploy/, 'deploy/temporal')))).toBe(true);
    }
  });

  test('keeps every secret in a file that is not in the repository', async () => {
    const ignored = (await read('.gitignore')).split('\n');
    expect(ignored).toContain('deploy/secrets/');
    expect((await read('.dockerignore')).split('\n')).toContain('deploy/secrets');
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^deploy\/secrets\//);
    for (const [, { environment = {} }] of services) {
      const secret = Object.entries(environment).filter(([name]) => /PASSWORD|TOKEN|KEY|PWD/.test(name));
      for (const [name, value] of secret) expect(`${name}=${value}`).toMatch(/FILE=\/run\/secrets\//);
    }
  });

  test('what writes to Temporal refuses to write plain', () => {
    for (const name of ['worker', 'gateway']) {
      expect(compose.services[name]?.environment?.['LIFEBOAT_ENCRYPTION']).toBe('required');
    }
  });

  test('waits only for services that exist, and for health only where there is some', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(compose.services[needed]).toBeDefined();
        if (condition === 'service_healthy') expect(compose.services[needed]?.healthcheck).toBeDefined();
      }
    }
  });
});

describe('images', () => {
  test.each(dockerfiles)('%s starts from images of one version, and copies what is there', async (file) => {
    const lines = (await read(file)).split('\n');
    const stages = lines.flatMap((line) => line.match(/^FROM \S+ AS (\S+)/)?.[1] ?? []);
    for (const line of lines) {
      const from = line.match(/^FROM (\S+)/)?.[1];
      if (from && !stages.includes(from)) expect(from).toMatch(/:\d+\.\d+\.\d+/);
      const copied = line.match(/^COPY (?!--from)(.+) \S+$/)?.[1]?.split(' ') ?? [];
      for (const path of copied) expect(existsSync(join(ROOT, path))).toBe(true);
    }
  });

  test("Lifeboat's image does not run as root, and its target is a stage", async () => {
    const text = await read('Dockerfile');
    const last = text.slice(text.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/openssh-client/);
    expect(text).toMatch(new RegExp(`AS ${compose.services['worker']?.build?.target}$`, 'm'));
  });

  test.each(dockerfiles)('%s has the very Node that the project is tested with', async (file) => {
    const { dependencies } = JSON.parse(await read('package.json'));
    const versions = [...(await read(file)).matchAll(/^FROM node:([\d.]+)/gm)].map(([, version]) => version);
    expect(new Set(versions)).toEqual(new Set([dependencies.node]));
  });
});
