import type { Lab } from './lab.ts';
import type { ToolName } from './setup/index.ts';
import type { Shape } from './shapes/shape.ts';

/** One service of the lab: how it is prepared, started and looked at. One file each in `lab/services/`. */
export interface Service {
  /** `<place>/<kind>`, such as `us-east-1/redis`. */
  name: string;
  /** A site of the shape. */
  place: string;
  /** Name of the address on which it listens. @default that of its place */
  address?: string;
  /** Where it listens, when it can listen on no address of the lab. */
  host?: string;
  /** Services and tasks that must be ready before this one is prepared. */
  needs: string[];
  /** What `lab/setup` must have put on the machine. */
  tools: ToolName[];
  /**
   * Preferred port by the port's name; the first is the service's endpoint. A name has one number in the whole lab, so
   * that both regions listen on the same ports. Each becomes `LAB_<NAME>_PORT`.
   */
  ports: Record<string, number>;
  /** Writes configuration. Runs before every start, so it keeps the data that is already there. */
  prepare?(context: Context): Promise<void>;
  /** What is started, in this order; a program with `ready` holds back the next ones. */
  programs(context: Context): Program[];
  /** Asks the service one question in its own protocol; throws, saying why, while it is not ready. */
  observe(context: Context): Promise<void>;
  /** Gives back what the service holds outside the lab's folder, once its processes have ended. */
  release?(context: Context): Promise<void>;
  /** How long the service may take to be ready. */
  readyWithinMs: number;
}

/** Work that is done once while the lab comes up, and that services may need. */
export interface Task {
  name: string;
  needs: string[];
  run(lab: Lab): Promise<void>;
}

export interface Program {
  /** Unique within the service: names its log and the record of its process. */
  name: string;
  command: string;
  args: string[];
  /** Added to PATH, HOME and the like; nothing else of the starter's environment is passed on. */
  env?: Record<string, string>;
  cwd?: string;
  /** How long it may take to give back what it shares with the kernel when the lab goes down. @default 0 */
  graceMs?: number;
  /** Throws while the program cannot serve the next ones. */
  ready?(): Promise<void>;
}

/** What a service may know of its lab. */
export interface Context {
  /** Name of the lab. */
  lab: string;
  /** `.lab/<name>`. */
  labFolder: string;
  /** `.lab/<name>/<service>`: configuration, data and logs of this service. */
  folder: string;
  /** The service's own address. */
  host: string;
  shape: Shape;
  /** By the address's name. */
  hosts: Record<string, string>;
  /** By the port's name, of every service. */
  ports: Record<string, number>;
  /** Path by program, of every tool that was set up. */
  programs: Record<string, string>;
  /** The environment variables that describe the lab to the project's own processes. */
  wiring: Record<string, string>;
  /** Folder of secrets. */
  secrets: string;
  /** Whether PostgreSQL replicates synchronously. */
  synchronous: boolean;
}

/** `value` of a record that must have it: ports and programs are known once the lab is up. */
export function known(record: Record<string, string>, name: string): string;
export function known(record: Record<string, number>, name: string): number;
export function known<T>(record: Record<string, T>, name: string): T {
  const value = record[name];
  if (value === undefined) throw new Error(`"${name}" is not known here; known are: ${Object.keys(record).join(', ')}`);
  return value;
}
