import { eventually } from '../eventually.ts';
import { type Lab, targetsOf } from '../lab.ts';
import { servicesOf } from '../registry.ts';
import { primaryOf } from '../shapes/shape.ts';
import { stateOf } from '../supervisor.ts';
import { type Fault, targetNamed } from './fault.ts';

interface Sending {
  signal: NodeJS.Signals;
  done: string;
  /** What the processes are once the signal has reached them. */
  leads: ReturnType<typeof stateOf>[];
}

const sends =
  (sending: Sending): Fault['act'] =>
  (lab, given = '') =>
    send(lab, targetNamed(lab, given), sending);

const parameters = ['<target>'];

export const kill: Fault = {
  parameters,
  effect: 'ends every process of a site or a service at once',
  undo: 'restore',
  act: sends({ signal: 'SIGKILL', done: 'killed', leads: ['gone'] }),
};

export const freeze: Fault = {
  parameters,
  effect: 'stops every process of a site or a service, which answers nothing and does not die',
  undo: 'thaw',
  act: sends({ signal: 'SIGSTOP', done: 'froze', leads: ['stopped', 'gone'] }),
};

export const thaw: Fault = {
  parameters,
  effect: 'lets what was frozen go on',
  act: sends({ signal: 'SIGCONT', done: 'thawed', leads: ['running', 'gone'] }),
};

export const restore: Fault = {
  parameters,
  effect: 'starts what is dead again, on the data that it left',
  async act(lab, given = '') {
    const target = targetNamed(lab, given);
    const started = await startDead(
      lab,
      targetsOf(lab.shape, target).map(({ name }) => name),
    );
    return started.length > 0 ? `restored ${started.join(', ')}` : `nothing of ${target} was dead`;
  },
};

async function send(lab: Lab, target: string, { signal, done, leads }: Sending): Promise<string> {
  const records = lab.records(target);
  const count = lab.signal(target, signal);
  await eventually({ what: `${signal} to reach ${target}`, withinMs: 5_000, everyMs: 10 }, async () => {
    const late = records.find((record) => !leads.includes(stateOf(record)));
    if (late) throw new Error(`${late.service}: process ${late.pid} is ${stateOf(late)}`);
  });
  return `${done} ${count} processes of ${target}`;
}

/** Starts those of the services again that the lab has and that are dead, those first that others need. Answers which. */
export async function startDead(lab: Lab, services: readonly string[]): Promise<string[]> {
  const dead = servicesOf(lab.shape).filter(
    ({ name }) => services.includes(name) && lab.services.includes(name) && isDead(lab, name),
  );
  const names = new Set(dead.map(({ name }) => name));
  const started = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const needs = dead.find((service) => service.name === name)?.needs.filter((need) => names.has(need)) ?? [];
    const promise = started.get(name) ?? Promise.all(needs.map(start)).then(() => lab.startService(name));
    started.set(name, promise);
    return promise;
  };
  await Promise.all([...names].map(start));
  return [...names];
}

function isDead(lab: Lab, service: string): boolean {
  return lab.records(service).every((record) => stateOf(record) === 'gone');
}

/** Ends a service as its operator would: a database writes down all that it holds. */
export async function stopCleanly(lab: Lab, service: string): Promise<void> {
  const records = lab.records(service);
  for (const record of records) if (stateOf(record) !== 'gone') process.kill(record.pid, 'SIGINT');
  await eventually({ what: `the end of ${service}`, withinMs: 60_000, everyMs: 50 }, async () => {
    if (lab.processes(service).length > 0) throw new Error('it runs');
  });
}

/** Lifeboat's own processes, as far as this lab has them and they outlive the primary site. */
export function lifeboatServices({ shape, services }: Lab): string[] {
  const own = servicesOf(shape).filter(({ name }) => /\/(gateway|worker)$/.test(name) && services.includes(name));
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
      await kill.act(lab, name);
      await lab.startService(name, signal, variables);
    }),
  );
}
