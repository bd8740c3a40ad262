import { Command } from 'commander';
import pc from 'picocolors';
import { down } from './down.ts';
import { breakLab, faultUsage } from './faults.ts';
import { attach, up } from './lab.ts';
import { servicesOf } from './registry.ts';
import { statusTable } from './screen.ts';
import { ensureTools, type ToolName } from './setup/index.ts';
import { SHAPES, USUAL_SHAPE } from './shapes/index.ts';
import type { Progress } from './start-all.ts';
import { statusOf } from './status.ts';

/** `npm run lab -- setup|up|status|down|fault VERB`: drives a lab by hand. */

interface Options {
  name: string;
  shape: string;
  json?: boolean;
  synchronous?: boolean;
  only?: string[];
}

function print(options: Pick<Options, 'json'>, data: unknown, text: string): void {
  process.stdout.write(`${options.json ? JSON.stringify(data, null, 2) : text}\n`);
}

/** Everything that any lab or test needs, so that images and CI can do it ahead of time. */
async function setUp(options: Pick<Options, 'json'>): Promise<void> {
  const names = new Set<ToolName>(SHAPES.flatMap(servicesOf).flatMap(({ tools }) => tools));
  const programs = await ensureTools([...names, 'openssh-client', 'temporal-test-server']);
  const lines = Object.entries(programs).map(([program, path]) => `${program.padEnd(26)}${path}`);
  print(options, programs, lines.join('\n'));
}

async function bringUp(options: Options): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}; nothing is left behind`)));
  }
  const { name, only, shape, synchronous = false } = options;
  const since = performance.now();
  const wanted = only ? { only } : {};
  const lab = await up({ name, shape, synchronous, ...wanted, onProgress: report, signal: interrupted.signal });
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const services = await statusOf(lab);
  print(
    options,
    { name, services, wiring: lab.wiring },
    `${statusTable(services)}\nlab "${name}" is up after ${seconds} s`,
  );
}

function report({ name, state, seconds }: Progress): void {
  if (state === 'ready') process.stderr.write(`${pc.green('ready')}  ${name} ${pc.dim(`${seconds.toFixed(1)} s`)}\n`);
}

async function showStatus(options: Options): Promise<void> {
  const lab = await attach(options.name);
  const services = await statusOf(lab);
  print(options, { name: lab.name, services, wiring: lab.wiring }, statusTable(services));
}

async function takeDown(options: Options): Promise<void> {
  const existed = await down(options.name);
  print(options, { name: options.name, existed }, `lab "${options.name}" ${existed ? 'is down' : 'was not there'}`);
}

async function breakIt(verb: string, parameters: string[], options: Options): Promise<void> {
  const done = await breakLab(await attach(options.name), [verb, ...parameters]);
  print(options, { name: options.name, done }, done);
}

const program = new Command('lab').description('Real services on this machine, to be broken on purpose.');
const command = (usage: string, description: string) =>
  program
    .command(usage)
    .description(description)
    .option('--name <name>', 'which lab', 'default')
    .option('--json', 'print JSON');

program
  .command('setup')
  .description('get every tool that the lab and the tests need')
  .option('--json', 'print JSON')
  .action(setUp);
command('up', 'set the machine up and start the lab')
  .option('--shape <shape>', `which sites and services: ${SHAPES.map(({ name }) => name).join(', ')}`, USUAL_SHAPE)
  .option('--synchronous', 'PostgreSQL replicates synchronously')
  .option('--only <service...>', 'only these services and what they need')
  .action(bringUp);
command('status', 'ask every service').action(showStatus);
command('down', 'end the lab and leave nothing behind').action(takeDown);
command('fault <verb> [parameters...]', 'break something on purpose, or undo it; a site or a service alone is killed')
  .addHelpText('after', `\nVerbs:\n${faultUsage()}`)
  .action(breakIt);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${pc.red('error')}  ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
