import { eventually } from './eventually.ts';
import type { Lab } from './lab.ts';
import { targetsOf } from './lab.ts';
import { servicesOf, UnknownName } from './registry.ts';
import { primaryOf, servingSites } from './shapes/shape.ts';
import { stateOf } from './supervisor.ts';

/** The sites that serve, by letters. */
function lettersOf({ shape }: Lab): Record<string, string> {
  return Object.fromEntries(servingSites(shape).map((site, index) => [`region-${'abcdef'[index]}`, site]));
}

/** What can be done to a lab on purpose, by verb; a bare name means `kill`. */
const FAULTS: Record<string, (lab: Lab, target: string) => Promise<string>> = {
  kill: (lab, target) => send(lab, target, { signal: 'SIGKILL', done: 'killed', leads: ['gone'] }),
  freeze: (lab, target) => send(lab, target, { signal: 'SIGSTOP', done: 'froze', leads: ['stopped', 'gone'] }),
  thaw: (lab, target) => send(lab, target, { signal: 'SIGCONT', done: 'thawed', leads: ['running', 'gone'] }),
  restore,
};

interface Sending {
  signal: NodeJS.Signals;
  done: string;
  /** What the processes are once the signal has reached them. */
  leads: ReturnType<typeof stateOf>[];
}

async function send(lab: Lab, target: string, { signal, done, leads }: Sending): Promise<string> {
  const records = lab.records(target);
  const count = lab.signal(target, signal);
  await eventually({ what: `${signal} to reach ${target}`, withinMs: 5_000, everyMs: 10 }, async () => {
    const late = records.find((record) => !leads.includes(stateOf(record)));
    if (late) throw new Error(`${late.service}: process ${late.pid} is ${stateOf(late)}`);
  });
  return `${done} ${count} processes of ${target}`;
}

/**
 * Breaks something: `us-east-1` or `region-a` (every process of the region at once), a service, `freeze <service>`,
 * `thaw <service>`, `restore <service or region>`. Answers one sentence on what was done.
 */
export async function breakLab(lab: Lab, words: readonly string[]): Promise<string> {
  const [verb = '', target] = words.length > 1 ? words : ['kill', words[0]];
  const fault = FAULTS[verb];
  if (!fault || target === undefined || words.length > 2) throw new UnknownName(knownFaults(lab, words.join(' ')));
  const place = lettersOf(lab)[target] ?? target;
  if (!isTarget(lab, place)) throw new UnknownName(knownFaults(lab, words.join(' ')));
  return fault(lab, place);
}

function isTarget({ shape }: Lab, name: string): boolean {
  return servicesOf(shape).some((service) => service.name === name || service.place === name);
}

function knownFaults(lab: Lab, asked: string): string {
  const services = servicesOf(lab.shape)
    .map(({ name }) => name)
    .sort();
  const targets = [...Object.keys(lettersOf(lab)), ...servingSites(lab.shape), ...services].join(', ');
  return `there is no fault "${asked}"; known are: <target>, freeze <target>, thaw <target>, restore <target>, where <target> is one of: ${targets}`;
}

/** Lifeboat's own processes, as far as they outlive the primary site. */
export function lifeboatServices({ shape }: Lab): string[] {
  const own = servicesOf(shape).filter(({ name }) => /\/(gateway|worker)$/.test(name));
  return own.filter(({ place }) => place !== primaryOf(shape)).map(({ name }) => name);
}

/**
 * Kills services and starts them again, by default with what the lab's wiring says by now.
 *
 * @param variables as `Lab.startService` takes them
 */
export async function restart(
  lab: Lab,
  services: readonly string[],
  { signal, variables }: { signal?: AbortSignal; variables?: Record<string, string> } = {},
): Promise<void> {
  await Promise.all(
    services.map(async (name) => {
      await breakLab(lab, ['kill', name]);
      await lab.startService(name, signal, variables);
    }),
  );
}

/** Starts again what is dead, those first that others need. */
async function restore(lab: Lab, target: string): Promise<string> {
  const dead = targetsOf(lab.shape, target).filter(({ name }) => lab.services.includes(name) && isDead(lab, name));
  const names = new Set(dead.map(({ name }) => name));
  const started = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const needs = dead.find((service) => service.name === name)?.needs.filter((need) => names.has(need)) ?? [];
    const promise = started.get(name) ?? Promise.all(needs.map(start)).then(() => lab.startService(name));
    started.set(name, promise);
    return promise;
  };
  await Promise.all([...names].map(start));
  return names.size > 0 ? `restored ${[...names].join(', ')}` : `nothing of ${target} was dead`;
}

function isDead(lab: Lab, service: string): boolean {
  return lab.records(service).every((record) => stateOf(record) === 'gone');
}
