import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { type Lab, targetsOf } from '../lab.ts';
import { THIRD_PLACE } from '../places.ts';
import { allotPorts } from '../ports.ts';
import { serviceNamed, servicesOf } from '../registry.ts';
import type { Service } from '../service.ts';
import { ensureTools } from '../setup/index.ts';
import { kubeconfigSecret } from '../shapes/shape.ts';
import { startProgram } from '../supervisor.ts';
import { type Fault, targetNamed } from './fault.ts';
import { lifeboatServices, restart } from './processes.ts';

/** Ports of services that Lifeboat reaches in a site. */
export type Port = 'postgres' | 'clickhouse' | 'nats' | 'redis' | 'kubernetes';
const PORTS: readonly Port[] = ['postgres', 'clickhouse', 'nats', 'redis', 'kubernetes'];

/** From a service's own port to the one before it, when that is free. */
const APART = 10_000;

/** A fault of the network, as Toxiproxy calls them (https://github.com/Shopify/toxiproxy#toxics); times in ms. */
export type Toxic =
  /** Every packet towards the client comes later. */
  | { type: 'latency'; attributes: { latency: number; jitter: number } }
  /** Nothing comes through, and the connection stays open. */
  | { type: 'timeout'; attributes: { timeout: 0 } };

/** Variables of the wiring by which another process finds the network: where it is asked, and its ports. */
const API = 'LAB_NETWORK_API';
const LED = 'LAB_NETWORK_PORTS';

/**
 * A network with faults between Lifeboat and the sites: Toxiproxy on their addresses, a port of its own before each of the
 * ports that are named. Its process is the lab's, and ends with it.
 */
export class Network {
  readonly #api: string;
  readonly #ports: Record<string, number>;

  private constructor(api: string, ports: Record<string, number>) {
    this.#api = api;
    this.#ports = ports;
  }

  /** Starts Toxiproxy, which is got first where it is not on the machine. */
  static async open(lab: Lab, ports: readonly Port[]): Promise<Network> {
    const { server = '' } = await ensureTools(['toxiproxy']);
    const { host } = lab.endpoint(`${THIRD_PLACE}/aws`);
    const wanted = ports.map((name) => {
      const users = usersOf(lab, name).map((service) => lab.endpoint(service.name));
      return { name, preferred: (users[0]?.port ?? 0) + APART, hosts: users.map((user) => user.host) };
    });
    const { api, ...allotted } = await allotPorts([{ name: 'api', preferred: 8474, hosts: [host] }, ...wanted]);
    startProgram(
      `${THIRD_PLACE}/network`,
      { name: 'toxiproxy', command: server, args: ['-host', host, '-port', `${api}`] },
      join(lab.folder, THIRD_PLACE, 'network'),
    );
    const network = new Network(`http://${host}:${api}`, allotted);
    await eventually({ what: 'Toxiproxy', withinMs: 10_000 }, () => network.#ask('GET', '/version'));
    for (const port of ports) for (const service of usersOf(lab, port)) await network.#addProxy(lab, service, port);
    return network;
  }

  /** The lab's network, which some process opened and led Lifeboat through; undefined when none did. */
  static of({ wiring }: Lab): Network | undefined {
    const api = wiring[API];
    return api === undefined ? undefined : new Network(api, JSON.parse(wiring[LED] ?? '{}'));
  }

  /** Leads Lifeboat through it: by the lab's wiring, and by the kubeconfigs that it keeps as secrets. */
  async lead(lab: Lab, signal?: AbortSignal): Promise<void> {
    const { kubernetes, ...wired } = this.#ports;
    const variables = Object.entries(wired).map(([name, port]) => [`LAB_${name.toUpperCase()}_PORT`, `${port}`]);
    await lab.remember({ ...Object.fromEntries(variables), [API]: this.#api, [LED]: JSON.stringify(this.#ports) });
    if (kubernetes !== undefined) {
      for (const { place } of usersOf(lab, 'kubernetes')) await turnKubeconfig(lab, place, kubernetes);
    }
    await restart(lab, lifeboatServices(lab), { ...(signal && { signal }) });
  }

  /** Where a service is reached through the network. */
  endpoint(lab: Lab, service: string): { host: string; port: number } {
    const port = this.#ports[Object.keys(serviceNamed(lab.shape, service).ports)[0] ?? ''];
    if (port === undefined) throw new Error(`the network does not lead to ${service}`);
    return { host: lab.endpoint(service).host, port };
  }

  /** Makes the way to a service bad, from now on; also for the connections that are open. */
  async spoil(service: string, toxic: Toxic): Promise<void> {
    await this.#ask('POST', `/proxies/${nameOf(service)}/toxics`, { name: toxic.type, ...toxic });
  }

  /** Cuts a service off: open connections end, new ones are refused. */
  async cut(service: string): Promise<void> {
    await this.#ask('POST', `/proxies/${nameOf(service)}`, { enabled: false });
  }

  /** Takes every fault away. */
  async mend(): Promise<void> {
    await this.#ask('POST', '/reset');
  }

  /** Takes the faults on the way to a service away. */
  async heal(service: string): Promise<void> {
    const proxy = `/proxies/${nameOf(service)}`;
    await this.#ask('POST', proxy, { enabled: true });
    const toxics = JSON.parse(await this.#ask('GET', `${proxy}/toxics`)) as { name: string }[];
    for (const { name } of toxics) await this.#ask('DELETE', `${proxy}/toxics/${name}`);
  }

  async #addProxy(lab: Lab, { name }: Service, port: Port): Promise<void> {
    const { host, port: usual } = lab.endpoint(name);
    const listen = `${host}:${this.#ports[port]}`;
    await this.#ask('POST', '/proxies', { name: nameOf(name), listen, upstream: `${host}:${usual}` });
  }

  async #ask(method: string, path: string, body?: object): Promise<string> {
    const answer = await fetch(`${this.#api}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Toxiproxy answers ${answer.status} to ${path}: ${text}`);
    return text;
  }
}

/** The services of the shape whose first port has that name. */
function usersOf({ shape }: Lab, port: Port): Service[] {
  return servicesOf(shape).filter(({ ports }) => Object.keys(ports)[0] === port);
}

const nameOf = (service: string) => service.replace('/', '-');

async function turnKubeconfig(lab: Lab, site: string, port: number): Promise<void> {
  const file = join(lab.folder, 'secrets', kubeconfigSecret(lab.shape, site));
  const { host, port: usual } = lab.endpoint(`${site}/kubernetes`);
  const config = await readFile(file, 'utf8');
  await writeFile(file, config.replaceAll(`${host}:${usual}`, `${host}:${port}`), { mode: 0o600 });
}

export const cut: Fault = {
  parameters: ['<target>'],
  effect: 'ends every connection of Lifeboat to a site or a service, and refuses new ones',
  undo: 'heal',
  act: (lab, given = '') => onTheWay(lab, given, 'cut', (network, service) => network.cut(service)),
};

export const delay: Fault = {
  parameters: ['<target>', '<milliseconds>'],
  effect: 'makes every answer of a site or a service to Lifeboat come later',
  undo: 'heal',
  async act(lab, given = '', milliseconds = '') {
    const latency = Number(milliseconds);
    if (!(Number.isInteger(latency) && latency > 0)) throw new Error(`"${milliseconds}" is no number of milliseconds`);
    const toxic: Toxic = { type: 'latency', attributes: { latency, jitter: 0 } };
    return await onTheWay(lab, given, `delayed by ${latency} ms`, (network, service) => network.spoil(service, toxic));
  },
};

export const heal: Fault = {
  parameters: ['<target>'],
  effect: 'takes every fault of the network on the way to a site or a service away',
  act: (lab, given = '') => onTheWay(lab, given, 'healed', (network, service) => network.heal(service)),
};

/** Acts on the way to each service of the target that this lab has, and that Lifeboat reaches. */
async function onTheWay(
  lab: Lab,
  given: string,
  done: string,
  act: (network: Network, service: string) => Promise<void>,
): Promise<string> {
  const ports = PORTS.filter((port) => usersOf(lab, port).some(({ name }) => lab.services.includes(name)));
  const reached = new Set(ports.flatMap((port) => usersOf(lab, port).map(({ name }) => name)));
  const services = targetsOf(lab.shape, targetNamed(lab, given)).filter(({ name }) => reached.has(name));
  if (services.length === 0) throw new Error(`Lifeboat reaches nothing of ${given} by the network`);
  const network = Network.of(lab) ?? (await openAndLead(lab, ports));
  for (const { name } of services) await act(network, name);
  return `${done}: ${services.map(({ name }) => name).join(', ')}`;
}

async function openAndLead(lab: Lab, ports: readonly Port[]): Promise<Network> {
  const network = await Network.open(lab, ports);
  await network.lead(lab);
  return network;
}
