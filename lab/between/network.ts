import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { lifeboatServices, restart } from '../faults.ts';
import type { Lab } from '../lab.ts';
import { THIRD_PLACE } from '../places.ts';
import { allotPorts } from '../ports.ts';
import { ensureTools } from '../setup/index.ts';
import { kubeconfigSecret, primaryOf, servingSites } from '../shapes/shape.ts';
import { startProgram } from '../supervisor.ts';

/** What Lifeboat reaches in a region. */
export type Port = 'postgres' | 'clickhouse' | 'nats' | 'redis' | 'kubernetes';

/** From a service's own port to the one before it, when that is free. */
const APART = 10_000;

/** A fault of the network, as Toxiproxy calls them (https://github.com/Shopify/toxiproxy#toxics); times in ms. */
export type Toxic =
  /** Every packet towards the client comes later. */
  | { type: 'latency'; attributes: { latency: number; jitter: number } }
  /** Nothing comes through, and the connection stays open. */
  | { type: 'timeout'; attributes: { timeout: 0 } };

/**
 * A network with faults between Lifeboat and the regions: Toxiproxy on both regions' addresses, a port of its own before
 * each of the ports that are named. Its process is the lab's, and ends with it.
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
    const hosts = servingSites(lab.shape).map((site) => hostOf(lab, site));
    const wanted = ports.map((name) => ({
      name,
      preferred: lab.endpoint(`${primaryOf(lab.shape)}/${name}`).port + APART,
      hosts,
    }));
    const { api, ...allotted } = await allotPorts([{ name: 'api', preferred: 8474, hosts: [host] }, ...wanted]);
    startProgram(
      `${THIRD_PLACE}/network`,
      { name: 'toxiproxy', command: server, args: ['-host', host, '-port', `${api}`] },
      join(lab.folder, THIRD_PLACE, 'network'),
    );
    const network = new Network(`http://${host}:${api}`, allotted);
    await eventually({ what: 'Toxiproxy', withinMs: 10_000 }, () => network.#ask('GET', '/version'));
    for (const region of servingSites(lab.shape)) for (const port of ports) await network.#addProxy(lab, region, port);
    return network;
  }

  /** Leads Lifeboat through it: by the lab's wiring, and by the kubeconfigs that it keeps as secrets. */
  async lead(lab: Lab, signal: AbortSignal): Promise<void> {
    const { kubernetes, ...wired } = this.#ports;
    const variables = Object.entries(wired).map(([name, port]) => [`LAB_${name.toUpperCase()}_PORT`, `${port}`]);
    await lab.remember(Object.fromEntries(variables));
    if (kubernetes !== undefined)
      for (const region of servingSites(lab.shape)) await turnKubeconfig(lab, region, kubernetes);
    await restart(lab, lifeboatServices(lab), { signal });
  }

  /** Makes a port of a region bad, from now on; also for the connections that are open. */
  async spoil(region: string, port: Port, toxic: Toxic): Promise<void> {
    await this.#ask('POST', `/proxies/${nameOf(region, port)}/toxics`, { name: toxic.type, ...toxic });
  }

  /** Cuts a port of a region off: open connections end, new ones are refused. */
  async cut(region: string, port: Port): Promise<void> {
    await this.#ask('POST', `/proxies/${nameOf(region, port)}`, { enabled: false });
  }

  /** Takes every fault away. */
  async mend(): Promise<void> {
    await this.#ask('POST', '/reset');
  }

  async #addProxy(lab: Lab, region: string, port: Port): Promise<void> {
    const host = hostOf(lab, region);
    const upstream = `${host}:${lab.endpoint(`${region}/${port}`).port}`;
    const listen = `${host}:${this.#ports[port]}`;
    await this.#ask('POST', '/proxies', { name: nameOf(region, port), listen, upstream });
  }

  async #ask(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(`${this.#api}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`Toxiproxy answers ${answer.status} to ${path}: ${await answer.text()}`);
  }
}

const hostOf = (lab: Lab, region: string) => lab.endpoint(`${region}/application`).host;
const nameOf = (region: string, port: Port) => `${region}-${port}`;

async function turnKubeconfig(lab: Lab, region: string, port: number): Promise<void> {
  const file = join(lab.folder, 'secrets', kubeconfigSecret(lab.shape, region));
  const { host, port: usual } = lab.endpoint(`${region}/kubernetes`);
  const config = await readFile(file, 'utf8');
  await writeFile(file, config.replaceAll(`${host}:${usual}`, `${host}:${port}`), { mode: 0o600 });
}
