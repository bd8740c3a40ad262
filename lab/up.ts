import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeApproverKeys } from './approver-keys.ts';
import { hostOf } from './context.ts';
import { down } from './down.ts';
import { Lab } from './lab.ts';
import { allotPorts, type PortRequest } from './ports.ts';
import { isAlive, thisProcess } from './process-table.ts';
import { isService, servicesOf, withNeeds } from './registry.ts';
import { makeCodecKey, makeSecrets } from './secrets.ts';
import { known, type Service } from './service.ts';
import { ensureTools, type ToolName } from './setup/index.ts';
import { shapeNamed, USUAL_SHAPE } from './shapes/index.ts';
import { hostsOf, type Shape } from './shapes/shape.ts';
import { claimSlot } from './slots.ts';
import { type Progress, startAll } from './start-all.ts';
import { folderOf, type LabState, readState, writeState } from './state.ts';
import { recordsIn, stateOf } from './supervisor.ts';
import { wiringOf } from './wiring.ts';

const PORTS_APART = 100;

export interface UpOptions {
  /** @default 'default' */
  name?: string;
  /** Name of the shape. @default 'two-sites' */
  shape?: string;
  /** Starts these services and what they need; everything by default. */
  only?: string[];
  /** PostgreSQL acknowledges a write only when the standby has it. @default false */
  synchronous?: boolean;
  /** How long PostgreSQL may take writes without renewing its lease. Shorter fails over faster. @default '4s' */
  leaseTtl?: string;
  /** What Temporal stores is encrypted, as in production; plain, its UI shows it to whoever looks. @default false */
  encrypted?: boolean;
  /** Told of each service and task as it starts and is ready. */
  onProgress?: (progress: Progress) => void;
  /** Aborted: what was started is ended again, and `up` throws. */
  signal?: AbortSignal;
}

/**
 * Sets the machine up, starts the lab and answers when every service does. When anything fails, or the call is aborted,
 * nothing is left behind. Throws when a lab of that name is up already; one that was left by a crash is removed first.
 */
export async function up(options: UpOptions = {}): Promise<Lab> {
  const name = options.name ?? 'default';
  const shape = shapeNamed(options.shape ?? USUAL_SHAPE);
  const nodes = withNeeds(shape, options.only);
  const tools = nodes.filter(isService).flatMap((service) => service.tools);
  await refuseOrClear(name);
  const programs = await ensureTools([...new Set<ToolName>([...tools, 'openssh-client'])]);
  options.signal?.throwIfAborted();
  try {
    const state = await newState(name, { shape, services: nodes.filter(isService), programs }, options);
    const lab = new Lab(state);
    await startAll(nodes, lab, options);
    state.starter = null;
    await lab.remember({});
    return lab;
  } catch (error) {
    await down(name).catch((second) => {
      throw new AggregateError(
        [error, second],
        `${messageOf(error)}; and it could not be cleared: ${messageOf(second)}`,
      );
    });
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function refuseOrClear(name: string): Promise<void> {
  const folder = folderOf(name);
  if (!existsSync(folder)) return;
  const starter = (await readState(folder))?.starter;
  if (starter && isAlive(starter)) {
    throw new Error(`lab "${name}" is being brought up by process ${starter.pid}`);
  }
  const alive = recordsIn(folder).some((record) => stateOf(record) !== 'gone');
  if (alive && starter === null) {
    throw new Error(`lab "${name}" is up already; \`npm run lab -- down --name ${name}\` ends it`);
  }
  await down(name);
}

/** What a lab is made of. */
interface Ground {
  shape: Shape;
  services: Service[];
  programs: Record<string, string>;
}

async function newState(
  name: string,
  { shape, services, programs }: Ground,
  { synchronous = false, leaseTtl = '4s', encrypted = false }: UpOptions,
): Promise<LabState> {
  const folder = folderOf(name);
  const slot = claimSlot(folder);
  const hosts = hostsOf(shape, slot);
  const named = {
    name,
    shape: shape.name,
    slot,
    hosts,
    ports: {},
    programs,
    wiring: {},
    synchronous,
    starter: thisProcess(),
  };
  const state: LabState = { ...named, services: services.map((service) => service.name) };
  // Written first, so that `down` finds the slot whatever happens next.
  await writeState(folder, state);
  state.ports = await allotPorts(portRequests(shape, hosts, slot));
  const secrets = join(folder, 'secrets');
  await makeSecrets(secrets, shape);
  if (encrypted) await makeCodecKey(secrets);
  const keys = await makeApproverKeys(folder, shape, known(programs, 'ssh-keygen'));
  state.wiring = { ...wiringOf(shape, state, folder), LAB_LEASE_TTL: leaseTtl, ...keys };
  await writeState(folder, state);
  return state;
}

/** Of every service of the shape, so that the wiring is whole even when only some are started. */
function portRequests(shape: Shape, hosts: LabState['hosts'], slot: number): PortRequest[] {
  const requests = new Map<string, PortRequest>();
  for (const service of servicesOf(shape)) {
    for (const [name, usual] of Object.entries(service.ports)) {
      // On an address that labs share, each slot has numbers of its own.
      const preferred = service.host === undefined ? usual : usual + slot * PORTS_APART;
      const request = requests.get(name) ?? { name, preferred, hosts: [] };
      request.hosts.push(hostOf({ hosts }, service));
      requests.set(name, request);
    }
  }
  return [...requests.values()];
}
