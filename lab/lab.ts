import { join } from 'node:path';
import { contextOf, hostOf } from './context.ts';
import { down } from './down.ts';
import type { ProcessEntry } from './process-table.ts';
import { serviceNamed, servicesOf, UnknownName } from './registry.ts';
import { type Context, known, type Service } from './service.ts';
import { shapeNamed } from './shapes/index.ts';
import { type Shape, servingSites } from './shapes/shape.ts';
import { startService } from './start-service.ts';
import { folderOf, type LabState, labNames, readState, writeState } from './state.ts';
import { membersOf, type ProcessRecord, recordsIn, signalAll, stateOf } from './supervisor.ts';

export { up } from './up.ts';

/** A lab that is up, or on its way. Made by `up` and `attach`. */
export class Lab {
  readonly name: string;
  /** `.lab/<name>`. */
  readonly folder: string;
  readonly shape: Shape;
  readonly #state: LabState;

  constructor(state: LabState) {
    this.name = state.name;
    this.folder = folderOf(state.name);
    this.shape = shapeNamed(state.shape);
    this.#state = state;
  }

  /** The environment variables by which the project's own processes find the lab. */
  get wiring(): Record<string, string> {
    return { ...this.#state.wiring };
  }

  /** Names of the services that this lab was brought up with. */
  get services(): string[] {
    return [...this.#state.services];
  }

  /** Address of a service; of one of its further ports when named. */
  endpoint(service: string, port?: string): { host: string; port: number } {
    const found = serviceNamed(this.shape, service);
    const name = port ?? Object.keys(found.ports)[0];
    if (name === undefined) throw new Error(`${service} listens on no port`);
    return { host: hostOf(this.#state, found), port: known(this.#state.ports, name) };
  }

  /** Adds variables that are known only once something was made, such as the id of a distribution. */
  async remember(variables: Record<string, string>): Promise<void> {
    Object.assign(this.#state.wiring, variables);
    await writeState(this.folder, this.#state);
  }

  /** Takes variables away again; answers whether any was there. */
  async forget(variables: readonly string[]): Promise<boolean> {
    const there = variables.filter((name) => name in this.#state.wiring);
    for (const name of there) delete this.#state.wiring[name];
    if (there.length > 0) await writeState(this.folder, this.#state);
    return there.length > 0;
  }

  /**
   * Starts a service again, on the data that it left, and waits until it answers.
   *
   * @param variables for the project's own programs, this one time: added to the lab's wiring
   */
  async startService(name: string, signal?: AbortSignal, variables: Record<string, string> = {}): Promise<void> {
    const service = serviceNamed(this.shape, name);
    const alive = this.records(name).filter((record) => stateOf(record) !== 'gone');
    if (alive.length > 0) throw new Error(`${name} is running already (pid ${alive.map(({ pid }) => pid).join(', ')})`);
    const context = this.#context(service);
    await startService(service, { ...context, wiring: { ...context.wiring, ...variables } }, signal);
  }

  /** Signals a service, or every service of a region, within milliseconds. Answers the number of processes. */
  signal(serviceOrRegion: string, signal: NodeJS.Signals): number {
    return signalAll(this.records(serviceOrRegion), signal);
  }

  /** Asks the service a question in its own protocol; throws, saying why, when it does not answer. */
  async observe(name: string): Promise<void> {
    const service = serviceNamed(this.shape, name);
    await service.observe(this.#context(service));
  }

  /** The recorded processes of a service or a place. */
  records(serviceOrPlace: string): ProcessRecord[] {
    return targetsOf(this.shape, serviceOrPlace).flatMap(({ name }) => recordsIn(join(this.folder, name), 0));
  }

  /** The processes of a service or a place that live: those that are recorded, and all that descends from them. */
  processes(serviceOrPlace: string): ProcessEntry[] {
    return membersOf(this.records(serviceOrPlace));
  }

  /** Ends every process of the lab and removes its folder. */
  async down(): Promise<void> {
    await down(this.name);
  }

  #context(service: Service): Context {
    return contextOf(this.#state, service);
  }
}

/** The services of a site, or the one of that name; throws, naming what is known, when it is neither. */
export function targetsOf(shape: Shape, serviceOrSite: string): Service[] {
  const ofSite = servicesOf(shape).filter(({ place }) => place === serviceOrSite);
  if (ofSite.length > 0) return ofSite;
  try {
    return [serviceNamed(shape, serviceOrSite)];
  } catch (error) {
    if (!(error instanceof UnknownName)) throw error;
    throw new UnknownName(`${error.message}; or a region: ${servingSites(shape).join(', ')}`);
  }
}

/** The lab of that name, which some process brought up. */
export async function attach(name = 'default'): Promise<Lab> {
  const state = await readState(folderOf(name));
  if (state) return new Lab(state);
  const names = await labNames();
  const others = names.length > 0 ? `; there are: ${names.join(', ')}` : '';
  throw new Error(`there is no lab "${name}"${others}. \`npm run lab -- up --name ${name}\` brings it up`);
}
