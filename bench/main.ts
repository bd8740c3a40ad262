import { Command } from 'commander';
import { storm } from './storm.ts';

/** `npm run bench -- <name>`: figures of this machine, measured with real processes on loopback. */
const program = new Command('bench').description('Measures Lifeboat on this machine.');

program
  .command('storm')
  .description('An alert storm of all formats, with replays; then one in which Temporal is killed.')
  .option('--webhooks <count>', 'how many in the first storm, 20000 at most', '10000')
  .option('--rate <perSecond>', 'how many to send in a second, 5000 at most', '1100')
  .option('--only <part>', '"storm" or "outage"')
  .action(async (options: { webhooks: string; rate: string; only?: string }) => {
    const webhooks = Math.min(20_000, Number(options.webhooks));
    const perSecond = Math.min(5_000, Number(options.rate));
    process.exitCode = (await storm({ webhooks, perSecond, only: options.only })) ? 0 : 1;
  });

await program.parseAsync();
