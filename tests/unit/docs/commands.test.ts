import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { COMMANDS } from '../../../starter/cli/commands.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Names that stand for a value of the reader's own. */
const PLACEHOLDERS: Record<string, string> = { S: 'failback', E: 'lab', TIME: '2026-06-10T15:00:00Z' };

const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...globSync('runbooks/*/RUNBOOK.md', { cwd: ROOT }),
];

/** The commands that a page tells the reader to type, as their words. */
function commandsOf(page: string): string[][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const typed = text.matchAll(/npx lifeboat ([^`\n]*)/g);
  return [...typed].map(([, line = '']) => wordsOf(line)).filter(([first]) => first !== undefined && first !== '…');
}

/** As a shell splits it, without comment and redirection; what is optional is there. */
function wordsOf(line: string): string[] {
  const [command = ''] = line.split(/\s#|\s>\s|[;|]/);
  const words = command.replaceAll(/[[\]]/g, '').match(/"[^"]*"|\S+/g) ?? [];
  return words.map((word) => PLACEHOLDERS[word] ?? word.replace(/^"(.*)"$/, '$1'));
}

/** The real parser, with commands that do nothing. */
async function parser(): Promise<Command> {
  const program = new Command('lifeboat');
  for (const { load } of COMMANDS) program.addCommand(await load());
  return idle(program);
}

function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  for (const each of command.commands) idle(each);
  return command;
}

const typed = pages.flatMap((page) => commandsOf(page).map((words) => [page, words.join(' '), words] as const));

test('there are commands in the pages', () => {
  expect(typed.length).toBeGreaterThan(20);
});

test.each(typed)('%s: "%s" is taken as typed', async (_, __, words) => {
  const environment = process.env['LIFEBOAT_ENVIRONMENT'];
  delete process.env['LIFEBOAT_ENVIRONMENT'];
  try {
    await (await parser()).parseAsync([...words], { from: 'user' });
  } finally {
    if (environment !== undefined) process.env['LIFEBOAT_ENVIRONMENT'] = environment;
  }
});
